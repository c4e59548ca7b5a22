//! Every stored input of the fuzz targets (`fuzz/seeds`), on a stable compiler.

mod common;
mod laws;

use std::fs;
use std::path::Path;

use laws::fuzz::TARGETS;

#[test]
fn every_stored_input_keeps_the_laws() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    for (name, target) in TARGETS {
        let mut inputs = 0;
        for file in fs::read_dir(seeds.join(name)).expect(name) {
            let path = file.unwrap().path();
            // The harness shows this where the law panics.
            println!("{}", path.display());
            target(&fs::read(path).unwrap());
            inputs += 1;
        }
        assert!(inputs >= 10, "{name}: {inputs} inputs");
    }
}

#[test]
fn the_laws_hold_of_nothing_and_of_one_byte() {
    for (_, target) in TARGETS {
        target(&[]);
        for byte in 0..=255 {
            target(&[byte]);
        }
    }
}
