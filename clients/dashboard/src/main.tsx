import { createRoot } from 'react-dom/client'
import { takeKeyFromAddress } from './api'
import { shareOf } from './share'
import { App } from './ui/App'
import { Broken } from './ui/Broken'
import { Shared } from './ui/Shared'
import './style.css'

const share = shareOf(location.pathname)
if (share === null) {
  takeKeyFromAddress()
  // An address with a key, where only that is new, loads nothing by itself.
  addEventListener('hashchange', () => takeKeyFromAddress() && location.reload())
}
createRoot(document.getElementById('root')!).render(<Broken>{share === null ? <App /> : <Shared id={share} />}</Broken>)
