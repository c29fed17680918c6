//! The four systems that Noren replaces, each as its own story, step by step as its authority
//! described it; through the real program, the real server, and posters read as pictures.

mod hyogo;
mod kokotoro;
mod kyoto_city;
mod neighbours;
mod osaka;
