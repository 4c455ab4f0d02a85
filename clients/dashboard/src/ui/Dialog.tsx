import { useEffect, useRef, type ReactNode } from 'react'

interface Props {
  title: string
  className?: string
  onClose: () => void
  children: ReactNode
}

/** A modal dialog; Escape, its × and a click beside it close it, and the focus goes back to where it was. */
export function Dialog({ title, className = '', onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const opener = document.activeElement
    const dialog = ref.current!
    if (!dialog.open) dialog.showModal()
    placeInFrame(dialog, opener)
    return () => {
      dialog.close()
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
  }, [])
  return (
    <dialog
      ref={ref}
      className={className}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <div className="dialog">
        <header>
          <h2>{title}</h2>
          <button type="button" className="icon" aria-label="Close" onClick={onClose}>
            ×
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}

/** In the frame of another page, which is as high as the page in it, the middle is often out of sight: a dialog opens where it was asked for. */
function placeInFrame(dialog: HTMLDialogElement, opener: Element | null): void {
  if (!('embed' in document.documentElement.dataset) || !opener) return
  const room = innerHeight - dialog.offsetHeight
  const top = Math.max(8, Math.min(opener.getBoundingClientRect().top - dialog.offsetHeight / 2, room - 8))
  Object.assign(dialog.style, { top: `${top}px`, marginTop: '0', marginBottom: '0' })
}
