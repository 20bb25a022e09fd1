//! Each fuzz program: the decoder that has its name.
#![no_main]

mod decoders;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    decoders::decoder(env!("CARGO_BIN_NAME"))(bytes);
});
