/** Artifacts: bytes kept under the SHA-256 of their contents, so that a name can never mean two things. */

/** A store of immutable byte strings. An address is `sha256:` and 64 lower-case hexadecimal digits, and nothing else. */
export interface Artifacts {
  /** Keeps `bytes` and gives their address; keeping the same bytes again changes nothing. Errors: STORE_FULL, STORE_UNWRITABLE. */
  put(bytes: Uint8Array): Promise<string>;
  /** The bytes, checked against their address. Errors: ARTIFACT_URI_INVALID, ARTIFACT_MISSING, ARTIFACT_CORRUPT. */
  get(uri: string): Promise<Uint8Array>;
  /** Whether the store holds something under `uri`; its contents are checked by `get`. Errors: ARTIFACT_URI_INVALID. */
  has(uri: string): Promise<boolean>;
  /** Path of a local file with the checked contents, for libraries that read files themselves; errors as `get`. */
  localPath(uri: string): Promise<string>;
}
