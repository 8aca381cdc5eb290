//! The contract of the simulated Ivoris, behaviour by behaviour (`ivoris-api.md` section 13).

mod data;
mod desk;
