/** What this tab keeps until it is closed; where a browser keeps nothing, as in some frames, until the page is left. */

const instead = new Map<string, string>()

/** The session storage, null where the browser refuses it. */
function storage(): Storage | null {
  try {
    return sessionStorage
  } catch {
    return null
  }
}

/** What is kept under a name, "" for nothing. */
export function kept(name: string): string {
  return storage()?.getItem(name) ?? instead.get(name) ?? ''
}

/** Keep a text under a name. */
export function keep(name: string, text: string): void {
  try {
    storage()?.setItem(name, text)
  } catch {
    // Full, or forbidden.
  }
  instead.set(name, text)
}

/** Forget what is kept under a name. */
export function forget(name: string): void {
  storage()?.removeItem(name)
  instead.delete(name)
}

/** Forget everything. */
export function forgetAll(): void {
  storage()?.clear()
  instead.clear()
}
