/** Memory for bytes that are on their way to a client, used again: 64 KiB made for each read would keep the collector busy. */

export const blockSize = 65_536;
/** What is kept for the next use; more may be under way. */
const kept = 64;
const free: Buffer[] = [];

/** A block of 64 KiB whose content is anything. */
export const takeBlock = (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(blockSize);

/** Nobody reads or writes this block any more. */
export const giveBlock = (block: Buffer): void => {
  if (free.length < kept) free.push(block);
};
