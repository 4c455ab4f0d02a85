import { useState } from 'react'

interface Props {
  /** What the button does, and to what. */
  label: string
  what: string
  /** Resolves when it is done. */
  onSure: () => Promise<void>
}

/** A button for what cannot be taken back: the first press asks, the second does it. */
export function Sure({ label, what, onSure }: Props) {
  const [asked, ask] = useState(false)
  const [busy, setBusy] = useState(false)
  return (
    <button
      type="button"
      className={asked ? 'sure' : ''}
      disabled={busy}
      aria-label={`${asked ? `Really ${label.toLowerCase()}` : label} ${what}`}
      onBlur={() => ask(false)}
      onClick={async () => {
        if (!asked) return ask(true)
        setBusy(true)
        await onSure()
        setBusy(false)
        ask(false)
      }}
    >
      {asked ? `Really ${label.toLowerCase()}?` : label}
    </button>
  )
}
