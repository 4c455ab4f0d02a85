import { useEffect, useState, type FormEvent } from 'react'
import { ApiError } from '../api'
import { forApi } from '../filters'
import { readFixed } from '../fixed'
import { day } from '../format'
import { addressOfShare, frameOf, listShares, makeShare, originOf, revokeShare, type NewShare, type Share as Made } from '../links'
import { plusDays, today } from '../period'
import type { Site } from '../sites'
import { USUAL, writeState, type State } from '../state'
import { Copy } from './Copy'
import { Dialog } from './Dialog'
import { FixedWords } from './Fixed'
import { Sure } from './Sure'
import { explain } from './Trouble'

interface Props {
  site: Site
  state: State
  onClose: () => void
}

/** Links that show a site to whoever has them: made, shown once, listed, revoked. */
export function Share({ site, state, onClose }: Props) {
  const [links, setLinks] = useState<readonly Made[] | null>(null)
  const [error, setError] = useState<ApiError | null>(null)
  const [made, setMade] = useState<{ share: Made; address: string } | null>(null)
  const [changes, setChanges] = useState(0)
  useEffect(() => {
    const abort = new AbortController()
    listShares(site.id, abort.signal).then(
      (told) => {
        setLinks(told)
        setError(null)
      },
      (failed: unknown) => {
        if (failed instanceof ApiError) setError(failed)
      },
    )
    return () => abort.abort()
  }, [site.id, changes])
  const changed = () => setChanges((times) => times + 1)
  return (
    <Dialog title={`Share ${site.name || site.id}`} className="wide" onClose={onClose}>
      <div className="scroll sharing" tabIndex={0} role="region" aria-label="Shared links">
        {made ? (
          <New made={made.share} address={made.address} onAnother={() => setMade(null)} />
        ) : (
          <Form
            site={site}
            state={state}
            onMade={(share, address) => {
              setMade({ share, address })
              changed()
            }}
          />
        )}
        {error && <p role="alert">{explain(error)}</p>}
        {links && links.length > 0 && (
          <>
            <h3>Links of this site</h3>
            <ul className="links">
              {links.map((link) => (
                <Link key={link.id} link={link} site={site} onChange={changed} onError={setError} />
              ))}
            </ul>
          </>
        )}
      </div>
    </Dialog>
  )
}

interface FormProps {
  site: Site
  state: State
  onMade: (share: Made, address: string) => void
}

function Form({ site, state, onMade }: FormProps) {
  const [fixing, setFixing] = useState(true)
  const [busy, setBusy] = useState(false)
  const [told, setTold] = useState('')
  const filters = forApi(state.filters)
  const now = today(Date.now(), site.timezone)
  const make = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const text = (field: string) => String(given.get(field) ?? '').trim()
    const pages = text('pages').split(/[\s,]+/).filter(Boolean)
    const wrong = pages.find((page) => originOf(page) === null)
    if (wrong !== undefined) return setTold(`“${wrong}” is no address of a site; write for example https://blog.example`)
    const share: NewShare = {
      ...(text('name') && { name: text('name') }),
      ...(fixing && filters.length > 0 && { filters }),
      ...(text('last') && { expires: plusDays(text('last'), 1) }),
      ...(given.get('password') && { password: String(given.get('password')) }),
      ...(pages.length > 0 && { frame_ancestors: pages.map((page) => originOf(page)!) }),
    }
    setBusy(true)
    try {
      const answer = await makeShare(site.id, share)
      const opens = writeState({ ...state, site: '', view: USUAL.view, detail: '', filters: fixing ? [] : state.filters })
      onMade(answer.share, addressOfShare(answer.url, opens, location.origin))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setTold(explain(error))
      setBusy(false)
    }
  }
  return (
    <form className="share" onSubmit={make}>
      <p className="quiet">Whoever has a link reads the numbers of this site without a key, and nothing else. It opens as this page looks now.</p>
      <div className="fields">
        <label>
          Name <input name="name" maxLength={200} autoComplete="off" aria-describedby="share-name" />
          <small id="share-name">Both of you see it.</small>
        </label>
        <label>
          Last day <input name="last" type="date" min={now} aria-describedby="share-last" />
          <small id="share-last">Empty: until it is revoked.</small>
        </label>
        <label>
          Password <input name="password" minLength={8} maxLength={200} autoComplete="off" spellCheck={false} aria-describedby="share-password" />
          <small id="share-password">8 characters or more. Empty: none.</small>
        </label>
        <label>
          Sites that may embed it <input name="pages" autoComplete="off" spellCheck={false} aria-describedby="share-pages" />
          <small id="share-pages">As https://blog.example. Empty: none.</small>
        </label>
      </div>
      {filters.length > 0 && (
        <label className="check">
          <input type="checkbox" checked={fixing} onChange={(event) => setFixing(event.target.checked)} />
          <span>
            Only under these filters, which nobody can take off: <Filters filters={filters} />. Live numbers know no filters and are not shown.
          </span>
        </label>
      )}
      {told && <p role="alert">{told}</p>}
      <div className="actions">
        <button className="main" disabled={busy}>
          {busy ? 'One moment' : 'Make the link'}
        </button>
      </div>
    </form>
  )
}

function Filters({ filters }: { filters: readonly unknown[] }) {
  return (
    <>
      {readFixed(filters).map((filter, index) => (
        <span key={index}>
          {index > 0 && ', '}
          <FixedWords filter={filter} />
        </span>
      ))}
    </>
  )
}

function New({ made, address, onAnother }: { made: Made; address: string; onAnother: () => void }) {
  return (
    <section className="made">
      <p role="status">
        <b>The link is made.</b> It is shown this once; nobody can look it up again.
      </p>
      <Copy text={address} label="the link" main />
      {made.has_password && <p className="quiet">Its password is not in it: tell it some other way.</p>}
      {made.frame_ancestors.length > 0 && (
        <>
          <h3>In a page of {made.frame_ancestors.join(', ')}</h3>
          <p className="quiet">
            The script gives the frame the height of what is in it; without it the frame scrolls. <code>&amp;theme=light</code> or{' '}
            <code>&amp;theme=dark</code> after <code>embed=1</code> chooses the colours. Whoever can read that page can take the link from it.
          </p>
          <Copy text={frameOf(address, made.name)} label="the frame" />
        </>
      )}
      <div className="actions">
        <button type="button" onClick={onAnother}>
          Make another
        </button>
      </div>
    </section>
  )
}

interface LinkProps {
  link: Made
  site: Site
  onChange: () => void
  onError: (error: ApiError) => void
}

function Link({ link, site, onChange, onError }: LinkProps) {
  const on = (iso: string) => day(today(Date.parse(iso), site.timezone), false)
  // The first moment of the day after the last one.
  const last = (iso: string) => day(today(Date.parse(iso) - 1, site.timezone), false)
  const told = [
    link.revoked_at ? `revoked ${on(link.revoked_at)}` : link.is_open ? '' : 'over',
    `made ${on(link.created_at)}`,
    link.expires && `${link.is_open ? 'until' : 'was until'} ${last(link.expires)}`,
    link.has_password && 'with a password',
    link.frame_ancestors.length > 0 && `embedded in ${link.frame_ancestors.map((origin) => origin.replace(/^https:\/\//, '')).join(', ')}`,
  ]
  const revoke = async () => {
    try {
      await revokeShare(site.id, link.id)
      onChange()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      onError(error)
    }
  }
  return (
    <li className={link.is_open ? '' : 'closed'}>
      <div>
        <b>
          <bdi>{link.name || 'Without a name'}</bdi>
        </b>
        {link.filters.length > 0 && (
          <span className="narrowed">
            {' '}
            <Filters filters={link.filters} />
          </span>
        )}
        <p className="quiet">{told.filter(Boolean).join(' · ')}</p>
      </div>
      {link.is_open && <Sure label="Revoke" what={link.name || `the link made ${on(link.created_at)}`} onSure={revoke} />}
    </li>
  )
}
