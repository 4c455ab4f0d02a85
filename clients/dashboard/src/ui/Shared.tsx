import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useAddress } from '../address'
import { ApiError, readByLink } from '../api'
import type { Reader } from '../reader'
import { forgetSession, keptSession, openSession, secretOf, wantsPassword, type Session } from '../share'
import { Page } from './Page'
import { explain } from './Trouble'

type Stage = { at: 'opening' } | { at: 'open'; session: Session } | { at: 'password'; told: ApiError } | { at: 'closed'; told: ApiError | null }

/** A token that is refused so soon after it was given will be refused again. */
const SOON_MS = 10_000

/** The page of a shared link: what its secret, and its password, open. */
export function Shared({ id }: { id: string }) {
  const opened = useRef(0)
  const enter = (session: Session): Stage => {
    opened.current = Date.now()
    readByLink(session.token, () => ended.current())
    return { at: 'open', session }
  }
  const [stage, setStage] = useState<Stage>(() => {
    const session = keptSession(id, Date.now())
    return session ? enter(session) : { at: 'opening' }
  })
  const open = useCallback(
    async (password: string) => {
      const secret = secretOf(location.hash)
      if (!secret) return setStage({ at: 'closed', told: null })
      try {
        setStage(enter(await openSession(id, secret, password)))
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        setStage({ at: wantsPassword(error) ? 'password' : 'closed', told: error })
      }
    },
    [id],
  )
  const ended = useRef(() => {})
  ended.current = () => {
    const soon = Date.now() - opened.current < SOON_MS
    forgetSession(id)
    if (soon) setStage({ at: 'closed', told: new ApiError(404, 'unknown_share', OVER) })
    else again()
  }
  const again = () => {
    setStage({ at: 'opening' })
    void open('')
  }
  useEffect(() => {
    if (stage.at === 'opening') void open('')
    // Somebody puts another secret into the address.
    addEventListener('hashchange', again)
    return () => removeEventListener('hashchange', again)
  }, [])
  const embedded = useAddress().state.embed === '1'
  useEmbedded(embedded)

  if (stage.at === 'open') return <Numbers session={stage.session} />
  if (stage.at === 'opening') return <div className="skeleton page-skeleton" role="status" aria-label="Loading" />
  return (
    <main className="login">
      <h1 className="mark">Footfall</h1>
      {stage.at === 'password' ? (
        <Password told={stage.told} focused={!embedded} onSend={open} />
      ) : (
        <>
          <p role="alert">{stage.told ? closedText(stage.told) : 'This address is not whole: the end of the link, from # on, is missing. Ask whoever sent it for the whole link.'}</p>
          {stage.told && stage.told.code !== 'unknown_share' && (
            <button type="button" onClick={again}>
              Try again
            </button>
          )}
        </>
      )}
    </main>
  )
}

const OVER = 'This link does not work any more. Ask whoever sent it for another.'

function closedText(told: ApiError): string {
  return told.code === 'unknown_share' ? OVER : explain(told)
}

function Numbers({ session }: { session: Session }) {
  const { state, ignored, go } = useAddress()
  const { site, name, live, fixed } = session
  const reader: Reader = { admin: false, live, link: { name }, fixed, path: '' }
  const seen = { ...site, domains: [], is_default: true }
  return <Page state={{ ...state, site: '' }} ignored={ignored} go={go} site={seen} sites={[seen]} reader={reader} onSignOut={null} />
}

function Password({ told, focused, onSend }: { told: ApiError; focused: boolean; onSend: (password: string) => Promise<void> }) {
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  return (
    <form
      onSubmit={async (event) => {
        event.preventDefault()
        setBusy(true)
        await onSend(password)
        setBusy(false)
      }}
    >
      <label htmlFor="password">Password of this link</label>
      <input
        id="password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus={focused}
        value={password}
        aria-describedby="password-help"
        onChange={(event) => setPassword(event.target.value)}
      />
      {told.code !== 'password_needed' && (
        <p role="alert">{told.code === 'wrong_password' ? 'This is not the password of this link.' : 'Too many wrong passwords. Try again in a quarter of an hour.'}</p>
      )}
      <button className="main" disabled={busy}>
        {busy ? 'One moment' : 'Show the numbers'}
      </button>
      <p id="password-help" className="quiet">
        Whoever sent you the link has it.
      </p>
    </form>
  )
}

/** In the frame of another page: less margin, and the height that the page needs is told to the page around it, whoever that is. */
function useEmbedded(embedded: boolean): void {
  useLayoutEffect(() => {
    if (!embedded) return
    document.documentElement.dataset['embed'] = ''
    const root = document.getElementById('root')!
    let told = 0
    const observer = new ResizeObserver(() => {
      const height = Math.ceil(root.getBoundingClientRect().height)
      if (height === told || parent === window) return
      told = height
      parent.postMessage({ type: 'footfall:height', height }, '*')
    })
    observer.observe(root)
    return () => {
      observer.disconnect()
      delete document.documentElement.dataset['embed']
    }
  }, [embedded])
}
