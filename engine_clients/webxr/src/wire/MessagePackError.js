/** Bytes that are no MessagePack value of the kinds that the bridge uses, or a value that has no such bytes. */
export class MessagePackError extends Error {
  name = 'MessagePackError';
}
