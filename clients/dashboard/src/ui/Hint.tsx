import { useId, useState, type ReactNode } from 'react'

interface Props {
  text: ReactNode
  className?: string
  children: (id: string) => ReactNode
}

/** A short explanation beside what it explains, while that is pointed at or has the focus; Escape hides it. */
export function Hint({ text, className = '', children }: Props) {
  const [shown, show] = useState(false)
  const id = useId()
  return (
    <div
      className={`hinted ${className}`}
      onPointerEnter={(event) => event.pointerType === 'mouse' && show(true)}
      onPointerLeave={() => show(false)}
      onFocus={(event) => event.target.matches(':focus-visible') && show(true)}
      onBlur={() => show(false)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !shown) return
        event.stopPropagation()
        show(false)
      }}
    >
      {children(id)}
      <div id={id} role="tooltip" className={shown ? 'hint' : 'unseen'}>
        {text}
      </div>
    </div>
  )
}
