// SPDX-License-Identifier: Apache-2.0
//! The part of the plugin ABI that the examples need, as <turret/core.h>, <turret/indicator.h> and
//! <turret/strategy.h> declare it. Every struct has the layout of its C twin; the asserts at the
//! end are those of the headers. Texts are bytes that end with \0.
#![allow(dead_code)] // a declaration of what the host has, not only of what is used here

use core::ffi::c_void;
use core::mem::{align_of, size_of};

pub type Text = *const u8;

pub const OK: i32 = 0;
pub const KIND_INDICATOR: u32 = 1;
pub const KIND_STRATEGY: u32 = 2;
pub const PARAM_INT: u32 = 1;
pub const PARAM_QTY: u32 = 4;
pub const FIELD_I64: u32 = 1;

/// Read-only tables that hold pointers to constants may be looked at from any thread.
#[repr(transparent)]
pub struct Shared<T>(pub T);
unsafe impl<T> Sync for Shared<T> {}

#[repr(C)]
pub struct Error {
    pub code: i32,
    pub detail: i32,
    pub text: [u8; 504],
}

#[repr(C)]
pub struct Param {
    pub id: u32,
    pub kind: u32,
    pub name: Text,
    pub default_text: Text,
    pub min: f64,
    pub max: f64,
    pub step: f64,
    pub unit: Text,
    pub help: Text,
}

#[repr(C)]
pub struct ParamValue {
    pub id: u32,
    pub kind: u32,
    pub i: i64,
    pub f: f64,
    pub text: Text,
}

#[repr(C)]
pub struct Field {
    pub id: u32,
    pub kind: u32,
    pub offset: u32,
    pub count: u32,
    pub name: Text,
    pub help: Text,
    pub initial: f64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Fingerprint(pub [u16; 12]);

pub const FINGERPRINT: Fingerprint = Fingerprint([
    size_of::<*const c_void>() as u16,
    align_of::<i64>() as u16,
    align_of::<f64>() as u16,
    cfg!(target_endian = "little") as u16,
    size_of::<Bar>() as u16,
    40, // turret_trade, turret_quote and turret_level, which are not declared here
    48,
    32,
    size_of::<Slot>() as u16,
    size_of::<Param>() as u16,
    size_of::<Field>() as u16,
    size_of::<Error>() as u16,
]);

#[repr(C)]
pub struct Note {
    pub struct_size: u32,
    pub abi: [u16; 2],
    pub kinds: u32,
    pub fingerprint: Fingerprint,
    pub id: [u8; 48],
    pub version: [u8; 24],
    pub needs: [u8; 96],
}

/// What stands in the section .note.turret, which the host reads before it loads the file.
#[repr(C)]
pub struct ElfNote {
    pub name_size: u32,
    pub desc_size: u32,
    pub kind: u32,
    pub name: [u8; 8],
    pub note: Note,
}

const fn padded<const N: usize>(text: &[u8]) -> [u8; N] {
    let mut to = [0; N];
    let mut i = 0;
    while i < text.len() {
        to[i] = text[i];
        i += 1;
    }
    to
}

pub const fn note(kinds: u32, id: &[u8], version: &[u8]) -> ElfNote {
    ElfNote {
        name_size: 8,
        desc_size: size_of::<Note>() as u32,
        kind: 1,
        name: padded(b"Turret\0"),
        note: Note {
            struct_size: size_of::<Note>() as u32,
            abi: [0, 1],
            kinds,
            fingerprint: FINGERPRINT,
            id: padded(id),
            version: padded(version),
            needs: [0; 96],
        },
    }
}

#[repr(C)]
pub struct Offer {
    pub kind: u32,
    pub reserved: u32,
    pub indicator: *const IndicatorType,
    pub strategy: *const StrategyType,
    pub broker: *const c_void,
}

#[repr(C)]
pub struct Entry {
    pub struct_size: u32,
    pub abi: [u16; 2],
    pub fingerprint: Fingerprint,
    pub id: Text,
    pub version: Text,
    pub offers: *const Offer,
    pub offer_count: u32,
    pub reserved: u32,
    pub init: Option<extern "C" fn(*mut Error) -> i32>,
    pub deinit: Option<extern "C" fn()>,
}

pub const fn entry(id: Text, version: Text, offers: *const Offer) -> Shared<Entry> {
    Shared(Entry {
        struct_size: size_of::<Entry>() as u32,
        abi: [0, 1],
        fingerprint: FINGERPRINT,
        id,
        version,
        offers,
        offer_count: 1,
        reserved: 0,
        init: None,
        deinit: None,
    })
}

// ---- indicators ----

#[repr(C)]
pub struct Candle {
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
    pub time: i64,
}

#[repr(C)]
pub struct IndicatorType {
    pub struct_size: u32,
    pub output_count: u32,
    pub id: Text,
    pub version: Text,
    pub summary: Text,
    pub output_names: *const Text,
    pub params: *const Param,
    pub param_count: u32,
    pub state_schema: u32,
    pub state_size: extern "C" fn(*const ParamValue) -> u64,
    pub start: extern "C" fn(*mut c_void, *const ParamValue, *mut Error) -> i32,
    pub lookback: extern "C" fn(*const ParamValue) -> u32,
    pub update: extern "C" fn(*mut c_void, *const Candle, *mut f64) -> i32,
    pub update_block: Option<extern "C" fn(*mut c_void, *const c_void, *const *mut f64) -> i32>,
    pub handover: u32,
    pub reserved: u32,
}

// ---- strategies ----

#[repr(C)]
pub struct Bar {
    pub instrument: u32,
    pub flags: u32,
    pub timeframe_ns: i64,
    pub time: i64,
    pub open: i64,
    pub high: i64,
    pub low: i64,
    pub close: i64,
    pub volume: i64,
}

#[repr(C)]
pub struct Slot {
    pub value: [f64; 4],
    pub ready: u32,
    pub reserved: u32,
}

#[repr(C)]
pub struct Start {
    pub struct_size: u32,
    pub reason: u32,
    pub params: *const ParamValue,
    pub instruments: *const u32,
    pub param_count: u32,
    pub instrument_count: u32,
    pub timeframe_ns: i64,
    pub now: i64,
}

#[repr(C)]
pub struct Strategy {
    pub state: *mut c_void,
    pub host: *const StrategyHost,
}

/// The beginning of the host's table: the rest is not used here.
#[repr(C)]
pub struct StrategyHost {
    pub struct_size: u32,
    pub reserved: u32,
    pub use_indicator:
        extern "C" fn(*mut Strategy, u32, i64, Text, *mut Error) -> *const Slot,
    pub target: extern "C" fn(*mut Strategy, u32, i64, Text) -> i32,
}

#[repr(C)]
pub struct StrategyType {
    pub struct_size: u32,
    pub state_size: u32,
    pub id: Text,
    pub version: Text,
    pub summary: Text,
    pub params: *const Param,
    pub fields: *const Field,
    pub param_count: u32,
    pub field_count: u32,
    pub state_schema: u32,
    pub reserved: u32,
    pub on_start: extern "C" fn(*mut Strategy, *const Start, *mut Error) -> i32,
    pub on_stop: Option<extern "C" fn(*mut Strategy, u32)>,
    pub on_bar: Option<extern "C" fn(*mut Strategy, *const Bar)>,
    pub others: [Option<extern "C" fn()>; 9], // on_trade to load: none
    pub converts: *const c_void,
    pub convert_count: u32,
    pub reserved2: u32,
    pub on_check: Option<extern "C" fn()>, // a risk rule's: none
}

const _: () = assert!(size_of::<Error>() == 512);
const _: () = assert!(size_of::<Fingerprint>() == 24);
const _: () = assert!(size_of::<Note>() == 204);
const _: () = assert!(size_of::<ElfNote>() == 224);
const _: () = assert!(size_of::<Bar>() == 64);
const _: () = assert!(size_of::<Slot>() == 40);
const _: () = assert!(size_of::<Candle>() == 48);
const _: () = assert!(size_of::<Start>() == 48);
const _: () = assert!(size_of::<Strategy>() == 16);
const _: () = assert!(size_of::<IndicatorType>() == 104);
const _: () = assert!(size_of::<StrategyType>() == 184);

/// Nothing here panics; if something did, there is nobody to tell and nothing to unwind.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    extern "C" {
        fn abort() -> !;
    }
    unsafe { abort() }
}

#[link(name = "c")]
extern "C" {}
