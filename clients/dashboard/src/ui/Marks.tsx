import { useId, useRef, useState, type KeyboardEvent } from 'react'
import type { Note } from '../notes'
import { KINDS, when } from './Notes'

/** What was written at places of the graph so close to each other that one mark stands for it. */
export interface Mark {
  /** Where (px). */
  x: number
  notes: readonly Note[]
}

/** How wide a mark is to a finger (px). */
const WIDTH = 26
/** So many texts are shown beside a mark; all are behind it. */
const SHOWN = 4

/** One mark for all that would lie on each other. `notes` are those of each point of the graph, in order. */
export function marksOf(notes: readonly (readonly Note[])[], x: (index: number) => number): Mark[] {
  const marks: Mark[] = []
  notes.forEach((of, index) => {
    if (of.length === 0) return
    const last = marks.at(-1)
    if (last && x(index) - last.x < WIDTH) marks[marks.length - 1] = { ...last, notes: [...last.notes, ...of] }
    else marks.push({ x: x(index), notes: of })
  })
  return marks
}

interface Props {
  marks: readonly Mark[]
  /** The height of the time axis (px). */
  y: number
  width: number
  zone: string
  onOpen: (notes: readonly Note[]) => void
}

/** The marks on the time axis: one stop of Tab, through which the arrow keys walk; each says what was written, and opens it. */
export function Marks({ marks, y, width, zone, onOpen }: Props) {
  const [at, setAt] = useState(0)
  const [shown, show] = useState<number | null>(null)
  const bar = useRef<HTMLDivElement>(null)
  const id = useId()
  const current = Math.min(at, marks.length - 1)
  const keys = (event: KeyboardEvent) => {
    const to: Record<string, number> = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: marks.length - 1 }
    if (event.key === 'Escape' && shown !== null) show(null)
    else if (event.key in to) {
      const next = Math.min(marks.length - 1, Math.max(0, to[event.key]!))
      setAt(next)
      bar.current!.querySelectorAll('button')[next]!.focus()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div ref={bar} className="marks" role="toolbar" aria-label="Notes and deploys" onKeyDown={keys}>
      {marks.map((mark, index) => (
        <span key={mark.notes[0]!.id} className="mark-place" style={{ left: mark.x, top: y }} onPointerEnter={(event) => event.pointerType === 'mouse' && show(index)} onPointerLeave={() => show(null)}>
          <button
            type="button"
            className={`note-mark of-${mark.notes.length > 1 ? 'several' : mark.notes[0]!.kind}`}
            tabIndex={index === current ? 0 : -1}
            aria-haspopup="dialog"
            aria-label={mark.notes.length > 1 ? `${mark.notes.length} notes` : KINDS[mark.notes[0]!.kind]}
            aria-describedby={`${id}-${index}`}
            onFocus={(event) => {
              setAt(index)
              if (event.target.matches(':focus-visible')) show(index)
            }}
            onBlur={() => show(null)}
            onClick={() => {
              show(null)
              onOpen(mark.notes)
            }}
          >
            <i aria-hidden="true">{mark.notes.length > 1 ? mark.notes.length : ''}</i>
          </button>
          <span id={`${id}-${index}`} role="tooltip" className={shown === index ? `mark-text ${mark.x > width / 2 ? 'before' : 'after'}` : 'unseen'} style={{ maxWidth: Math.max(mark.x, width - mark.x) }}>
            {mark.notes.slice(0, SHOWN).map((note) => (
              <span key={note.id}>
                <span className="quiet">
                  {KINDS[note.kind]} · {when(note, zone)}
                </span>{' '}
                <bdi>{note.text}</bdi>
              </span>
            ))}
            {mark.notes.length > SHOWN && <span className="quiet">and {mark.notes.length - SHOWN} more</span>}
          </span>
        </span>
      ))}
    </div>
  )
}
