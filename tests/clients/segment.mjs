// Segment's SDK for Node, unmodified: node segment.mjs '{"writeKey","url","name","events","flushAt"}'
// prints {"errors":[…],"delivered":n}.
import { Analytics } from '@segment/analytics-node'

const { writeKey, url, name, events, flushAt } = JSON.parse(process.argv[2])
const errors = []
let delivered = 0
const analytics = new Analytics({ writeKey, host: url, flushAt, maxRetries: 10, disable: false })
analytics.on('error', (error) => errors.push(String(error.code ?? error)))

const said = (error) => {
  if (error) errors.push(String(error))
  else delivered += 1
}
analytics.identify({ userId: 'user-1', traits: { plan: 'pro' } }, said)
analytics.page({ userId: 'user-1', name: 'Home', properties: { url: 'https://shop.example/' } }, said)
analytics.group({ userId: 'user-1', groupId: 'acme' }, said)
analytics.alias({ previousId: 'before', userId: 'user-1' }, said)
for (let n = 0; n < events; n += 1) {
  analytics.track({ userId: `user-${n % 7}`, event: name, properties: { n } }, said)
}
await analytics.closeAndFlush({ timeout: 120000 })
console.log(JSON.stringify({ errors, delivered }))
