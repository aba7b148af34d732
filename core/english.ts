/**
 * Schemas speak English: `zod/mini` says only "Invalid input" until it is told a language. Whoever shows a schema's
 * messages imports this file.
 */
import { config } from "zod/mini";
import english from "zod/v4/locales/en.js";

config(english());
