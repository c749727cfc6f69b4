import type { components } from './schema'

type Wire = components['schemas']['Problem']
export type Reason = components['schemas']['Reason']
export type FieldFault = components['schemas']['FieldFault']
export type Alternative = components['schemas']['Alternative']

/** Codes of our own, for answers that never came. Everything else is a code of the server. */
export type LocalCode = 'offline' | 'no-answer' | 'not-readable' | 'cancelled-by-person'

/** Every "no" a screen can meet: what the server says (RFC 9457), or that it said nothing. */
export class Problem extends Error {
  readonly code: string
  readonly status: number
  readonly zh: string
  readonly en: string
  readonly errors: readonly FieldFault[]
  readonly reasons: readonly Reason[]
  readonly alternatives: readonly Alternative[]
  readonly retryAfter: number | null
  readonly instance: string

  constructor(from: Partial<Omit<Wire, 'alternatives' | 'code'>> & { code: string; alternatives?: unknown; retryAfter?: number | null }) {
    super(from.code)
    this.name = 'Problem'
    this.code = from.code
    this.status = from.status ?? 0
    this.zh = from.zh ?? ''
    this.en = from.en ?? ''
    this.errors = from.errors ?? []
    this.reasons = from.reasons ?? []
    this.alternatives = Array.isArray(from.alternatives) ? (from.alternatives as Alternative[]) : []
    this.retryAfter = from.retryAfter ?? null
    this.instance = from.instance ?? ''
  }

  /** The network failed: nobody answered. */
  get silent(): boolean {
    return this.code === 'offline' || this.code === 'no-answer'
  }

  /** The same intent may be sent again with the same key; whether it was done is not known. */
  get unsure(): boolean {
    return this.silent || this.code === 'outcome-unknown' || this.code === 'idempotency-in-flight' || this.code === 'unavailable'
  }

  static local(code: LocalCode): Problem {
    return new Problem({ code })
  }

  static async from(response: Response): Promise<Problem> {
    const after = Number(response.headers.get('retry-after'))
    const retryAfter = Number.isFinite(after) && after > 0 ? after : null
    try {
      const wire = (await response.json()) as Partial<Wire>
      if (typeof wire.code === 'string') return new Problem({ ...wire, code: wire.code, status: response.status, retryAfter })
    } catch {
      // Not JSON: something between us and the server answered.
    }
    return new Problem({ code: 'not-readable', status: response.status, retryAfter })
  }
}

/** Whatever was thrown, as a problem. */
export const problemOf = (thrown: unknown): Problem => {
  if (thrown instanceof Problem) return thrown
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return Problem.local('no-answer')
  if (thrown instanceof TypeError) return Problem.local('offline')
  return new Problem({ code: 'not-readable', en: String(thrown) })
}
