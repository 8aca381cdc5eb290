//! The real binary, its real files and real HTTP, killed, interrupted, cut off and out of disk: repeated, it ends like an
//! undisturbed load.

mod books;
mod disk;
mod picture;
mod random;
mod reference;
mod served;
mod signals;
mod site;
