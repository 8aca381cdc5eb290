// What a good batch script on HubSpot's official client would do with the same exports: batch upserts by the unique
// property, batches of links, six calls in flight. No state, no retries, no account: it sends everything every time.
//
// node peer.mjs URL FOLDER RESULT.json
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import hubspot from '@hubspot/api-client';

const [url, folder, result] = process.argv.slice(2);
const IN_FLIGHT = 6;
const DATED = '2026-09';

// The client still names v3 and v4 in its paths; the dated ones take the same bodies.
const dated = {
  pre(context) {
    const path = context.getUrl().replace(/\/crm\/v[34]\/(objects|associations)\//, `/crm/$1/${DATED}/`);
    context.setUrl(path);
    return context;
  },
  post: (context) => context,
};
const client = new hubspot.Client({
  accessToken: 'pat-eu1-peer',
  basePath: url,
  httpAgent: new Agent({ keepAlive: true, maxSockets: IN_FLIGHT }),
  limiterOptions: { maxConcurrent: IN_FLIGHT, minTime: 0 },
  middleware: [dated],
});

const text = (name) => new TextDecoder('windows-1252').decode(readFileSync(`${folder}/${name}`));

function rows(name) {
  const lines = text(name).split('\r\n').filter((line) => line !== '');
  const header = lines[0].split(';');
  return lines.slice(1).map((line) => {
    const fields = line.includes('"') ? quoted(line) : line.split(';');
    return Object.fromEntries(header.map((title, at) => [title, fields[at] ?? '']));
  });
}

function quoted(line) {
  const fields = [];
  let field = '';
  let inside = false;
  for (let at = 0; at < line.length; at += 1) {
    const sign = line[at];
    if (sign === '"') {
      if (inside && line[at + 1] === '"') {
        field += '"';
        at += 1;
      } else inside = !inside;
    } else if (sign === ';' && !inside) {
      fields.push(field);
      field = '';
    } else field += sign;
  }
  return [...fields, field];
}

const iso = (date, time) => {
  const [day, month, year] = date.split('.');
  return `${year}-${month}-${day}T${time.length === 4 ? `0${time}` : time}:00Z`;
};
const good = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const clean = (id) => id.toLowerCase().replace(/[{}]/g, '');

async function inFlight(jobs, run) {
  const queue = jobs.values();
  const lane = async () => {
    for (const job of queue) await run(job);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

const batches = (list, size) =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));

let records = 0;
let links = 0;

async function upsert(type, idProperty, all) {
  const ids = new Map();
  const unique = [...new Map(all.map((properties) => [properties[idProperty], properties])).values()];
  await inFlight(batches(unique, 100), async (batch) => {
    const inputs = batch.map((properties) => ({ idProperty, id: properties[idProperty], properties }));
    const answer = await client.crm.objects.batchApi.upsert(type, { inputs });
    for (const { id, properties } of answer.results) ids.set(properties[idProperty], id);
    if (answer.errors?.length) throw new Error(`${type}: ${answer.errors[0].message}`);
    records += batch.length;
  });
  return ids;
}

async function link(from, to, associationTypeId, pairs) {
  const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }];
  await inFlight(batches(pairs, 2000), async (batch) => {
    const inputs = batch.map(([a, b]) => ({ _from: { id: a }, to: { id: b }, types }));
    await client.crm.associations.v4.batchApi.create(from, to, { inputs });
    links += batch.length;
  });
}

const OPENS = [
  ['Erstberatung', 'ivohub_erstberatung'],
  ['Beratung Implantat', 'ivohub_erstberatung'],
  ['Anfangsunterlagen', 'ivohub_diagnostik'],
  ['Planbesprechung', 'ivohub_plan_erstellt'],
  ['HKP-Besprechung', 'ivohub_angebot'],
  ['Einsetzen Multiband', 'ivohub_in_behandlung'],
  ['Aligner-Abgabe Start', 'ivohub_in_behandlung'],
  ['Implantation', 'ivohub_in_behandlung'],
];

const patients = rows('patienten.csv').filter((row) => good.test(clean(row['Patient-ID'])));
const contacts = await upsert(
  'contacts',
  'ivoris_patient_id',
  patients.map((row) => ({
    ivoris_patient_id: clean(row['Patient-ID']),
    firstname: row.Vorname.trim(),
    lastname: row.Nachname.trim(),
    ivoris_email: row['E-Mail'].trim().toLowerCase(),
    phone: row['Tel. privat'].trim(),
    mobilephone: row['Tel. mobil'].trim(),
  })),
);

const visits = rows('termine.csv').filter(
  (row) => good.test(clean(row['Termin-ID'])) && /^\d\d\.\d\d\.\d{4}$/.test(row.Datum) && /^\d?\d:\d\d$/.test(row.Beginn),
);
const appointments = await upsert(
  'appointments',
  'ivoris_appointment_id',
  visits.map((row) => ({
    ivoris_appointment_id: clean(row['Termin-ID']),
    hs_appointment_name: `Termin ${row.Standort}`,
    hs_appointment_start: iso(row.Datum, row.Beginn),
    ivoris_appointment_type: row.Terminart,
    ivoris_chair: row.Behandlungsstuhl,
    ivoris_practitioner: row.Behandler,
  })),
);

// Revenue per patient; the first opening appointment of a patient opens the deal, the last names its stage.
const revenue = new Map();
for (const row of rows('eintraege.csv')) {
  const euro = Number.parseFloat(row.Betrag.replace(/\./g, '').replace(',', '.'));
  const patient = clean(row['Patient-ID']);
  if (Number.isFinite(euro)) revenue.set(patient, (revenue.get(patient) ?? 0) + euro);
}
const open = new Map();
const moment = (row) => row.Datum.split('.').reverse().join('') + row.Beginn.padStart(5, '0');
for (const row of visits.toSorted((a, b) => (moment(a) < moment(b) ? -1 : 1))) {
  const stage = OPENS.find(([name]) => row.Terminart.includes(name))?.[1];
  const patient = clean(row['Patient-ID']);
  if (!stage || !contacts.has(patient)) continue;
  const deal = open.get(patient) ?? { key: clean(row['Termin-ID']), patient };
  open.set(patient, { ...deal, stage });
}
const deals = await upsert(
  'deals',
  'ivoris_appointment_id',
  [...open.values()].map(({ key, patient, stage }) => ({
    ivoris_appointment_id: key,
    ivoris_patient_id: patient,
    dealname: `Behandlung ${key.slice(0, 8)}`,
    pipeline: 'ivohub_behandlungen',
    dealstage: stage,
    treatment_revenue: (revenue.get(patient) ?? 0).toFixed(2),
  })),
);

const mine = visits
  .map((row) => [appointments.get(clean(row['Termin-ID'])), clean(row['Patient-ID'])])
  .filter(([visit, patient]) => visit && contacts.has(patient));
await link('appointments', 'contacts', 906, mine.map(([visit, patient]) => [visit, contacts.get(patient)]));
await link('deals', 'contacts', 3, [...open.values()].map(({ key, patient }) => [deals.get(key), contacts.get(patient)]));
await link(
  'appointments',
  'deals',
  944,
  mine.filter(([, patient]) => open.has(patient)).map(([visit, patient]) => [visit, deals.get(open.get(patient).key)]),
);
writeFileSync(result, JSON.stringify({ records, links }));
