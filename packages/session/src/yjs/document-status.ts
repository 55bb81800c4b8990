/** How a document stands to the server. */
export type DocumentStatus =
  /** What others have written is not here yet. */
  | { readonly name: 'connecting' }
  /** What is here is on the server, and what is there is here. */
  | { readonly name: 'synced' }
  /** Changes of this device are on their way. */
  | { readonly name: 'saving' }
  /** It cannot be reached, and is tried again; changes of this device are kept and sent then. */
  | { readonly name: 'offline'; readonly error: Error }
  | { readonly name: 'closed' }
