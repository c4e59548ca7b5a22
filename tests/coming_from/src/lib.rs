#![doc = include_str!("../../../docs/coming-from-tungstenite.md")]
