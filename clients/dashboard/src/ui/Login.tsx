import { useState } from 'react'
import { ApiError, apiKey, call } from '../api'
import { explain } from './Trouble'

/** What is said of a key that never worked here. */
export const UNKNOWN_KEY = 'This is no key that the server knows. Is it complete?'

/** The way in: an API key, kept for this session of the browser. */
export function Login({ said, onEnter }: { said: string; onEnter: () => void }) {
  const [key, setKey] = useState('')
  const [busy, setBusy] = useState(false)
  const [told, setTold] = useState(said)
  const enter = async () => {
    setBusy(true)
    apiKey.clear()
    apiKey.set(key.trim())
    try {
      await call('metrics?metrics=events&period=today')
      onEnter()
    } catch (error) {
      apiKey.clear()
      setTold(
        error instanceof ApiError && error.status === 401
          ? UNKNOWN_KEY
          : error instanceof ApiError
            ? explain(error)
            : 'This key has characters that no key has.',
      )
      setBusy(false)
    }
  }
  return (
    <main className="login">
      <h1 className="mark">Footfall</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void enter()
        }}
      >
        <label htmlFor="key">API key</label>
        <input
          id="key"
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          required
          autoFocus
          value={key}
          aria-describedby="key-help"
          onChange={(event) => setKey(event.target.value)}
        />
        {told && <p role="alert">{told}</p>}
        <button className="main" disabled={busy}>
          {busy ? 'One moment' : 'Show the numbers'}
        </button>
        <p id="key-help" className="quiet">
          A key that begins with <code>ffa_</code>. <code>make run</code> prints an address with it, and <code>keys.json</code> of the data
          folder has it as <code>api_key</code>; on AWS, <code>footfall login</code> gets it. It stays in this tab until you close it or sign out.
        </p>
      </form>
    </main>
  )
}
