//! `explore` against differently shaped installations: what it tells, what it writes down, and that it tells of nobody.

mod shapes;
mod site;
mod trouble;
