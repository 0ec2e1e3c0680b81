// A round trip with the client that @hey-api/openapi-ts generates: `attache-api`, beside which this file is bundled.
import assert from 'node:assert/strict'

import { createMessage, createMessageWithAttachment, getMessage, listContacts, listMessages, reportDelivery, saveContact } from './attache-api'
import { client } from './attache-api/client.gen'

const phone = '+15550002002'
client.setConfig({ baseUrl: process.env.ATTACHE, auth: process.env.TOKEN })

async function main() {
  const contact = (await saveContact({ body: { firstName: 'Tanja', phone }, throwOnError: true })).data
  const found = (await listContacts({ query: { phone: '+1 555 000 2002' }, throwOnError: true })).data
  assert.deepEqual(found.contacts.map((one) => one.id), [contact.id])

  const body = { contact: { phone }, direction: 'inbound', externalId: 'typescript-1', body: 'Is somebody there?' } as const
  const received = await createMessage({ body, headers: { 'Idempotency-Key': crypto.randomUUID() }, throwOnError: true })
  assert.equal(received.response.status, 201)
  const again = await createMessage({ body, throwOnError: true })
  assert.equal(again.response.status, 200)
  assert.deepEqual(again.data, received.data)

  const file = new File(['From a generated client.'], 'hello.txt', { type: 'text/plain' })
  const form = { file: [file], contact: { phone }, body: 'Here is the plan.' }
  const sent = (await createMessageWithAttachment({ body: form, throwOnError: true })).data
  assert.equal(sent.attachments[0].name, 'hello.txt')
  const reported = (await reportDelivery({ path: { id: sent.id }, body: { status: 'delivered' }, throwOnError: true })).data
  assert.equal(reported.deliveryStatus, 'delivered')
  assert.deepEqual((await getMessage({ path: { id: sent.id }, throwOnError: true })).data, reported)

  const listed = (await listMessages({ query: { bucketId: contact.channelId }, throwOnError: true })).data
  assert.deepEqual(listed.messages.map((one) => one.id), [sent.id, received.data.id])

  const refused = await createMessage({ body: { contact: { phone } } })
  assert.equal(refused.response?.status, 422)
  assert.equal(refused.error?.data.field, 'body')
  console.error('@hey-api/openapi-ts: the round trip works.')
}

void main()
