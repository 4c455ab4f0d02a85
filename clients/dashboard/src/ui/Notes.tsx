import { useState, type FormEvent } from 'react'
import { ApiError } from '../api'
import { day, time } from '../format'
import { deleteNote, momentOf, writeNote, type Note } from '../notes'
import { today } from '../period'
import { Dialog } from './Dialog'
import { Sure } from './Sure'
import { explain } from './Trouble'

export const KINDS: Record<Note['kind'], string> = { note: 'Note', deploy: 'Deploy' }

/** The moment of a note as the site's clock has it. */
export function when(note: Note, zone: string): string {
  return `${day(today(Date.parse(note.at), zone))}, ${time(note.at, zone)}`
}

interface Props {
  site: string
  zone: string
  notes: readonly Note[]
  /** Whether they may be deleted here. */
  admin: boolean
  onChange: () => void
  onClose: () => void
}

/** Notes in full. */
export function Notes({ site, zone, notes, admin, onChange, onClose }: Props) {
  const [told, setTold] = useState('')
  const remove = async (note: Note) => {
    try {
      await deleteNote(site, note.id)
      setTold('')
      onChange()
      if (notes.length === 1) onClose()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setTold(explain(error))
    }
  }
  return (
    <Dialog title="Notes and deploys" onClose={onClose}>
      <div className="scroll" tabIndex={0} role="region" aria-label="Notes and deploys">
        <ul className="links notes-list">
          {notes.map((note) => (
            <li key={note.id}>
              <div>
                <p className="quiet">
                  {KINDS[note.kind]} · <time dateTime={note.at}>{when(note, zone)}</time>
                </p>
                <p className="note-text">
                  <bdi>{note.text}</bdi>
                </p>
              </div>
              {admin && <Sure label="Delete" what={note.text.slice(0, 60)} onSure={() => remove(note)} />}
            </li>
          ))}
        </ul>
        {told && <p role="alert">{told}</p>}
      </div>
    </Dialog>
  )
}

interface NewProps {
  site: string
  zone: string
  /** The moment that is proposed (ms). */
  at: number
  onWritten: () => void
  onClose: () => void
}

/** A note or deploy that is written. */
export function NewNote({ site, zone, at, onWritten, onClose }: NewProps) {
  const [proposed] = useState(() => momentOf(at, zone))
  const [busy, setBusy] = useState(false)
  const [told, setTold] = useState('')
  const write = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    if (!String(given.get('text')).trim()) return setTold('Write what happened: the note has no text yet.')
    setBusy(true)
    try {
      await writeNote(site, `${String(given.get('date'))}T${String(given.get('time'))}`, String(given.get('text')), given.get('kind') as Note['kind'])
      onWritten()
      onClose()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setTold(explain(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title="Write a note" onClose={onClose}>
      <form className="new-note" onSubmit={write}>
        <div className="fields">
          <label>
            Day <input name="date" type="date" required defaultValue={proposed.date} />
          </label>
          <label>
            Time in {zone.replaceAll('_', ' ')} <input name="time" type="time" required defaultValue={proposed.time} />
          </label>
          <label>
            Kind{' '}
            <select name="kind">
              <option value="note">{KINDS.note}</option>
              <option value="deploy">{KINDS.deploy}</option>
            </select>
          </label>
        </div>
        <label className="text">
          What happened <textarea name="text" required maxLength={500} rows={2} placeholder="v1.4.0, or: newsletter sent" />
        </label>
        {told && <p role="alert">{told}</p>}
        <div className="actions">
          <button className="main" disabled={busy}>
            {busy ? 'One moment' : 'Write it'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
