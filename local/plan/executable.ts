/** Looks for a program and for a folder before anything is started. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** Where a command would be found, as the kernel and a shell look for it; undefined = nowhere. */
export const findExecutable = (
  command: string,
  { cwd, path }: { readonly cwd: string; readonly path: string },
): string | undefined => {
  if (command.includes("/")) return firstExecutable([isAbsolute(command) ? command : resolve(cwd, command)]);
  return firstExecutable(path.split(delimiter).map((folder) => join(folder === "" ? cwd : folder, command)));
};

const firstExecutable = (files: readonly string[]): string | undefined => files.find(isExecutable);

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
};

export const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};
