import { createRoot } from 'react-dom/client'
import { takeKeyFromAddress } from './api'
import { App } from './ui/App'
import './style.css'

takeKeyFromAddress()
createRoot(document.getElementById('root')!).render(<App />)
