//! People: alone, as families, and the same person twice (`domain.md` 6.1 to 6.3).

use chrono::{Datelike, Days, NaiveDate};

use super::german;
use super::names::{Sex, first_name, mail_name, street, surname};
use super::places::LOCATIONS;
use super::rng::Rng;
use super::rows::{Cell, PatientRow};
use super::safe;

/// Who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Insurance {
    Statutory,
    Private,
    Nobody,
}

/// A person with the row that the export shows.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) row: PatientRow,
    pub(crate) birthday: NaiveDate,
    pub(crate) minor: bool,
    pub(crate) insurance: Insurance,
    /// Place in [`LOCATIONS`].
    pub(crate) location: usize,
    /// The landline as it is, before somebody types it.
    pub(crate) phone: Option<safe::Number>,
    /// The mobile number as it is.
    pub(crate) mobile: Option<safe::Number>,
}

/// What a new person is to the one before in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Stranger,
    /// The same person under a second id.
    Double,
    /// The same person under a second id and a new surname.
    Married,
    Twin,
    Sibling,
    Parent,
}

/// Draws people, and counts patient numbers per instance.
pub(crate) struct People {
    today: NaiveDate,
    numbers: [u32; 2],
    before: Option<Person>,
}

impl People {
    pub(crate) fn new(today: NaiveDate) -> Self {
        // Both instances count from the same number: equal numbers are different people.
        Self { today, numbers: [1_000; 2], before: None }
    }

    /// The next person of the file.
    pub(crate) fn draw(&mut self, rng: &mut Rng) -> (Person, Relation) {
        let minor = rng.chance(43, 100);
        let (relation, mut person) = match self.before.take() {
            Some(before) => self.related(before, minor, rng),
            None => (Relation::Stranger, self.stranger(minor, rng)),
        };
        let instance = LOCATIONS[person.location].instance;
        self.numbers[instance] += rng.between(1, 3);
        person.row.id = rng.uuid().into();
        person.row.number = self.numbers[instance].to_string().into();
        self.before = Some(person.clone());
        (person, relation)
    }

    fn related(&self, before: Person, minor: bool, rng: &mut Rng) -> (Relation, Person) {
        let roll = rng.below(10_000);
        let relation = match (before.minor, minor) {
            _ if roll < 150 => Relation::Double,
            (false, _) if roll < 270 => Relation::Married,
            (true, true) if roll < 340 => Relation::Twin,
            (true, true) if roll < 4_300 => Relation::Sibling,
            (true, false) if roll < 1_600 => Relation::Parent,
            _ => Relation::Stranger,
        };
        let person = match relation {
            Relation::Stranger => self.stranger(minor, rng),
            Relation::Double => before,
            Relation::Married => married(before, rng),
            Relation::Twin | Relation::Sibling => self.sibling(before, relation, rng),
            Relation::Parent => self.parent(before, rng),
        };
        (relation, person)
    }

    fn stranger(&self, minor: bool, rng: &mut Rng) -> Person {
        let weights: Vec<(u32, usize)> = LOCATIONS.iter().zip(0..).map(|(place, at)| (place.share, at)).collect();
        let location = rng.weighted(&weights);
        let age = if minor { rng.between(7, 17) } else { rng.between(18, 78) };
        let birthday = self.born(age, rng);
        let last = surname(rng);
        let mut person = Person {
            row: PatientRow::default(),
            birthday,
            minor,
            insurance: rng.weighted(&[(80, Insurance::Statutory), (15, Insurance::Private), (5, Insurance::Nobody)]),
            location,
            phone: rng.chance(80, 100).then(|| safe::landline(rng, location * 2)),
            mobile: rng.chance(67, 100).then(|| safe::mobile(rng)),
        };
        let row = &mut person.row;
        row.last = Cell::Borrowed(last);
        row.street = street(rng).into();
        let (zip, town) = rng.pick(LOCATIONS[location].towns);
        (row.zip, row.city) = (Cell::Borrowed(zip), Cell::Borrowed(town));
        row.country = Cell::Borrowed(if rng.chance(1, 2) { "DE" } else { "" });
        row.location = Cell::Borrowed(LOCATIONS[location].name);
        row.profile = Cell::Borrowed(LOCATIONS[location].profile);
        row.practitioner = Cell::Borrowed(rng.pick(LOCATIONS[location].doctors));
        row.deleted = Cell::Borrowed("Nein");
        row.insurance = Cell::Borrowed(match person.insurance {
            Insurance::Statutory => "gesetzlich",
            Insurance::Private => "privat",
            Insurance::Nobody => "Selbstzahler",
        });
        if person.insurance != Insurance::Nobody {
            row.fund = Cell::Borrowed(rng.pick(match person.insurance {
                Insurance::Statutory => &["Musterkasse Nord", "Beispiel BKK", "Probe-Ersatzkasse"],
                Insurance::Private | Insurance::Nobody => &["Private Musterversicherung", "Beispiel Kranken AG"],
            }));
            row.insured_number = safe::insured_number(rng).into();
        }
        baptise(&mut person, rng);
        if minor && person.insurance != Insurance::Nobody {
            let guardian = first_name(rng, Sex::Female, birthday.year() - 32);
            person.row.insurant = format!("{guardian} {last}").into();
        }
        if rng.chance(69, 100) {
            let family = if minor { "familie".to_owned() } else { mail_name(&person.row.first) };
            let local = format!("{family}.{}.{}", mail_name(last), rng.between(1, 999_999));
            person.row.email = safe::mail(rng, &local).into();
        }
        person
    }

    fn sibling(&self, before: Person, relation: Relation, rng: &mut Rng) -> Person {
        let mut child = before;
        if relation == Relation::Sibling {
            child.birthday = self.born(rng.between(7, 17), rng);
        }
        let first = child.row.first.clone();
        while child.row.first == first {
            baptise(&mut child, rng);
        }
        child
    }

    fn parent(&self, child: Person, rng: &mut Rng) -> Person {
        let age = u32::try_from(self.today.year() - child.birthday.year()).unwrap_or(10) + rng.between(24, 38);
        let mut parent = child;
        parent.birthday = self.born(age, rng);
        parent.minor = false;
        baptise(&mut parent, rng);
        parent.row.insurant = Cell::default();
        parent
    }

    /// A birthday of somebody who is `age` years old today.
    fn born(&self, age: u32, rng: &mut Rng) -> NaiveDate {
        let days = u64::from(age) * 365 + u64::from(age / 4) + u64::from(rng.below(350)) + 1;
        self.today - Days::new(days)
    }
}

/// Gives first name, salutation, sex and birthday cell.
fn baptise(person: &mut Person, rng: &mut Rng) {
    let sex = if rng.chance(1, 2) { Sex::Female } else { Sex::Male };
    let row = &mut person.row;
    row.first = Cell::Borrowed(first_name(rng, sex, person.birthday.year()));
    row.gender = Cell::Borrowed(if sex == Sex::Female { "w" } else { "m" });
    row.salutation = Cell::Borrowed(if sex == Sex::Female { "Frau" } else { "Herr" });
    row.title = Cell::Borrowed(if !person.minor && rng.chance(2, 100) { "Dr." } else { "" });
    row.birthday = german::date(person.birthday).into();
}

fn married(before: Person, rng: &mut Rng) -> Person {
    let mut person = before;
    let old = person.row.last.clone();
    while person.row.last == old {
        person.row.last = Cell::Borrowed(surname(rng));
    }
    person
}
