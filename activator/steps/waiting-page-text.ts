import { createHash } from "node:crypto";
import type { WaitingPage } from "#core/revision.ts";

const style = `:root{color-scheme:light dark}.light{color-scheme:light}.dark{color-scheme:dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;font:1.1rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}
main{padding:2rem;text-align:center}h1{font-size:1.4rem;font-weight:600}p{opacity:.75}
i{display:block;width:1rem;height:1rem;margin:0 auto;border-radius:50%;background:#e8730c;animation:glow 1.6s ease-in-out infinite}
@keyframes glow{50%{opacity:.25}}@media (prefers-reduced-motion:reduce){i{animation:none}}`;

/** Nothing is loaded, nothing runs, nothing is sent: only this one style counts. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => entities[letter]!);

/** The whole page; it asks for itself again after `seconds`. */
export const pageOf = (page: {
  readonly title: string;
  readonly theme: WaitingPage["theme"];
  readonly seconds: number;
}): string => {
  const title = escaped(page.title);
  return `<!doctype html>
<html lang="en" class="${page.theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="refresh" content="${page.seconds}">
<title>${title}</title>
<style>${style}</style>
</head>
<body><main role="status"><i></i><h1>${title}</h1><p>is starting. This page looks again by itself.</p></main></body>
</html>
`;
};
