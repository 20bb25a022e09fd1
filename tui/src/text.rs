//! Every word the screens say.
