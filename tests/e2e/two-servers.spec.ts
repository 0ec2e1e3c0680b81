// Two servers on one database: whoever is at one hears what happens at the other.
import { feed, send, textField } from './support/conversation';
import { sample } from './support/files';
import { Person } from './support/person';
import { Place, Server } from './support/server';
import { expect, test } from './support/test';

test('messages of one server appear live at the other', async ({ engines, browser, console }) => {
  const place = new Place(engines);
  const servers = [await Server.start(place), await Server.start(place)];
  const [here, there] = servers.map((server) => server.base);
  const mara = await Person.visitor(browser, here!, console, 'Mara Ellis');
  await mara.signUp('Harbour Lane');
  const noor = await Person.visitor(browser, there!, console, 'Noor Haddad');
  await noor.accept(await mara.invite('member'));
  const { id } = await mara.channel('dispatch');
  const [maras, noors] = [await mara.openConversation(id), await noor.openConversation(id)];

  await send(maras, 'From here to there');
  await expect(feed(noors).getByText('From here to there')).toBeVisible();
  await send(noors, 'And back');
  await expect(feed(maras).getByText('And back')).toBeVisible();
  await mara.sayWith(id, 'With a picture', [sample('IMG_0231.jpg')]);
  await expect(feed(noors).getByRole('button', { name: 'Open IMG_0231.jpg' })).toBeVisible();
  await expect(textField(noors)).toHaveValue('');

  await Promise.all([mara, noor].map((person) => person.context.close()));
  await Promise.all(servers.map((server) => server.stop()));
  place.remove();
});
