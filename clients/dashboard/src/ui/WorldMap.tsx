import { useEffect, useState, type MouseEvent } from 'react'
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

/** Visitors by country on a map, which is loaded when it is first shown. The list of countries tells the same. */
export function WorldMap({ answer, filters, go }: { answer: Answer } & RowActions) {
  const [world, setWorld] = useState(loaded)
  const [over, setOver] = useState<{ code: string; x: number; y: number } | null>(null)
  useEffect(() => {
    if (loaded) return
    let shown = true
    void loadWorld().then((told) => {
      if (shown) setWorld(told)
    })
    return () => {
      shown = false
    }
  }, [])
  const visitors = new Map(answer.results.map((row) => [row.dimensions[0]!, row.metrics[0] ?? 0]))
  const highest = Math.max(1, ...[...visitors].map(([code, number]) => (code === '' ? 0 : number)))
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
  const codeAt = (event: MouseEvent) => (event.target as Element).getAttribute('data-code') ?? ''
  const top = answer.results.filter((row) => row.dimensions[0] !== '').slice(0, 3)
  const unknown = visitors.get('') ?? 0
  return (
    <figure className="map">
      <svg
        viewBox={`0 0 ${world.width} ${world.height}`}
        role="img"
        aria-label={`Map of visitors by country: ${top.map((row) => `${nameOf('country', row.dimensions[0]!)} ${count(row.metrics[0] ?? 0)}`).join(', ')}. The tab Country lists all.`}
        onMouseMove={(event) => {
          const code = codeAt(event)
          const box = event.currentTarget.getBoundingClientRect()
          setOver(code && code !== '-' ? { code, x: event.clientX - box.left, y: event.clientY - box.top } : null)
        }}
        onMouseLeave={() => setOver(null)}
        onClick={(event) => {
          const code = codeAt(event)
          if (visitors.has(code) && code !== '') go({ filters: (event.shiftKey ? extend : toggle)(filters, 'country', code) })
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
