/** SHA-256 in lower-case hexadecimal; null where the browser offers none (a page that did not come over TLS). */
export const sha256 = async (data: string | ArrayBuffer): Promise<string | null> => {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined
  if (!subtle) return null
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
