// RudderStack's SDK for Node, unmodified: node rudderstack.mjs '{"writeKey","url","name","events","flushAt"}'
// prints {"errors":[…],"delivered":n}.
import RudderAnalytics from '@rudderstack/rudder-sdk-node'

const { writeKey, url, name, events, flushAt } = JSON.parse(process.argv[2])
const errors = []
let delivered = 0
const errorHandler = (error) => errors.push(String(error))
const analytics = new RudderAnalytics(writeKey, { dataPlaneUrl: url, flushAt, flushInterval: 200, errorHandler, logLevel: 'error' })

const calls = [
  (done) => analytics.identify({ userId: 'user-1', traits: { plan: 'pro' } }, done),
  (done) => analytics.page({ userId: 'user-1', name: 'Home', properties: { url: 'https://shop.example/' } }, done),
  (done) => analytics.group({ userId: 'user-1', groupId: 'acme' }, done),
  (done) => analytics.alias({ previousId: 'before', userId: 'user-1' }, done),
]
for (let n = 0; n < events; n += 1) {
  calls.push((done) => analytics.track({ userId: `user-${n % 7}`, event: name, properties: { n } }, done))
}
await Promise.all(
  calls.map(
    (call) =>
      new Promise((resolve) => {
        call((error) => {
          if (error) errors.push(String(error))
          else delivered += 1
          resolve()
        })
      }),
  ),
)
console.log(JSON.stringify({ errors, delivered }))
