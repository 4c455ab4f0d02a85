import { useEffect, useRef, useState, type MouseEvent } from 'react'
import { extend, selects, toggle } from '../filters'
import { count } from '../format'
import { nameOf } from '../names'
import type { Answer } from '../questions'
import type { RowActions } from './Rows'

interface World {
  width: number
  height: number
  shapes: Record<string, string>
  dots: Record<string, [number, number]>
}

const STEPS = 5
let loaded: World | null = null

/** Load the shapes, once. */
export async function loadWorld(): Promise<World> {
  return (loaded ??= (await import('../world.json')).default as unknown as World)
}

/** How far from where a finger touches the country may be that it means (px). */
const FINGER = 14

/** The countries around a point of the window, the nearest first: as far around as a finger is wide. */
function codesNear(x: number, y: number): string[] {
  const codes = new Set<string>()
  for (const part of [0, 1 / 3, 2 / 3, 1]) {
    const turns = part === 0 ? 1 : 12
    for (let turn = 0; turn < turns; turn++) {
      const angle = (turn / turns) * 2 * Math.PI
      const shape = document.elementFromPoint(x + part * FINGER * Math.cos(angle), y + part * FINGER * Math.sin(angle))
      codes.add(shape?.getAttribute('data-code') ?? '')
    }
  }
  return [...codes]
}

/** Visitors by country on a map, which is loaded when it is first shown. The list of countries tells the same. */
export function WorldMap({ answer, filters, go }: { answer: Answer } & RowActions) {
  const [world, setWorld] = useState(loaded)
  const [failed, setFailed] = useState(false)
  /** What a finger may have meant. */
  const [near, setNear] = useState<readonly string[]>([])
  const byFinger = useRef(false)
  const [over, setOver] = useState<{ code: string; x: number; y: number } | null>(null)
  useEffect(() => {
    if (loaded) return
    let shown = true
    loadWorld().then(
      (told) => shown && setWorld(told),
      () => shown && setFailed(true),
    )
    return () => {
      shown = false
    }
  }, [])
  const visitors = new Map(answer.results.map((row) => [row.dimensions[0]!, row.metrics[0] ?? 0]))
  const highest = Math.max(1, ...[...visitors].map(([code, number]) => (code === '' ? 0 : number)))
  if (failed) return <p className="none">The map cannot be loaded. The tab Country lists the same numbers; the map comes when this page is loaded again.</p>
  if (!world) return <div className="skeleton map-skeleton" />
  // Small numbers stay visible beside large ones.
  const step = (code: string) => {
    const number = visitors.get(code) ?? 0
    return number === 0 ? 0 : Math.max(1, Math.ceil(Math.sqrt(number / highest) * STEPS))
  }
  const about = (code: string) => ({
    className: `step-${step(code)}${selects(filters, 'country', code) ? ' chosen' : ''}`,
    'data-code': code,
  })
  const choose = (code: string, also: boolean) => {
    setNear([])
    go({ filters: (also ? extend : toggle)(filters, 'country', code) })
  }
  const codeAt = (event: MouseEvent) => (event.target as Element).getAttribute('data-code') ?? ''
  const top = answer.results.filter((row) => row.dimensions[0] !== '').slice(0, 3)
  const unknown = visitors.get('') ?? 0
  return (
    <figure className="map">
      <svg
        viewBox={`0 0 ${world.width} ${world.height}`}
        role="img"
        aria-label={`Map of visitors by country: ${top.map((row) => `${nameOf('country', row.dimensions[0]!)} ${count(row.metrics[0] ?? 0)}`).join(', ')}. The tab Country lists all.`}
        onPointerMove={(event) => {
          if (event.pointerType !== 'mouse') return
          const code = codeAt(event)
          const box = event.currentTarget.getBoundingClientRect()
          setOver(code && code !== '-' ? { code, x: event.clientX - box.left, y: event.clientY - box.top } : null)
        }}
        onPointerLeave={() => setOver(null)}
        onPointerDown={(event) => (byFinger.current = event.pointerType === 'touch')}
        onClick={(event) => {
          const found = byFinger.current ? codesNear(event.clientX, event.clientY) : [codeAt(event)]
          const codes = found.filter((code) => code !== '' && visitors.has(code))
          if (codes.length === 1) choose(codes[0]!, event.shiftKey)
          else setNear(codes)
        }}
      >
        {Object.entries(world.shapes).map(([code, path]) => (
          <path key={code} d={path} {...about(code)} />
        ))}
        {Object.entries(world.dots).map(
          ([code, [x, y]]) => visitors.has(code) && <circle key={code} cx={x} cy={y} r={5} {...about(code)} />,
        )}
      </svg>
      {over && (
        <div className="point map-point" style={{ left: over.x, top: over.y }} aria-hidden="true">
          <b>{nameOf('country', over.code)}</b> {count(visitors.get(over.code) ?? 0)}
        </div>
      )}
      {near.length > 0 && (
        <div className="near" role="group" aria-label="Which country?">
          {near.map((code) => (
            <button key={code} type="button" aria-pressed={selects(filters, 'country', code)} onClick={() => choose(code, false)}>
              {nameOf('country', code)} <span className="quiet">{count(visitors.get(code) ?? 0)}</span>
            </button>
          ))}
        </div>
      )}
      <figcaption>
        <span className="scale" aria-hidden="true">
          <span>1</span>
          {Array.from({ length: STEPS }, (_, index) => (
            <i key={index} className={`step-${index + 1}`} />
          ))}
          <span>{count(highest)}</span>
        </span>
        {unknown > 0 && <span className="quiet">{count(unknown)} of unknown country</span>}
      </figcaption>
    </figure>
  )
}
