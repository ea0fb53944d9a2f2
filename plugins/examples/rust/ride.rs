// SPDX-License-Identifier: Apache-2.0
//! A strategy in Rust, without crates and without std: holds `size` while the close is above the
//! midpoint of the last bars, which another plugin computes (midpoint.rs).
#![no_std]

mod turret;

use core::mem::size_of;
use core::ptr;
use turret::*;

/// Zeroed by the host before the first start; `entered` is the field it keeps.
#[repr(C)]
struct Ride {
    middle: *const Slot,
    unit: f64, // price units in one whole currency unit: bars are integers, indicators are not
    size: i64,
    entered: i64,
}

static PARAMS: Shared<[Param; 2]> = Shared([
    Param {
        id: 1,
        kind: PARAM_INT,
        name: b"scale\0".as_ptr(),
        default_text: b"2\0".as_ptr(),
        min: 0.0,
        max: 12.0,
        step: 1.0,
        unit: b"\0".as_ptr(),
        help: b"decimals of the instrument's price\0".as_ptr(),
    },
    Param {
        id: 2,
        kind: PARAM_QTY,
        name: b"size\0".as_ptr(),
        default_text: b"1\0".as_ptr(),
        min: 0.0,
        max: 9e15,
        step: 0.0,
        unit: b"units\0".as_ptr(),
        help: b"position to hold\0".as_ptr(),
    },
]);

static FIELDS: Shared<[Field; 1]> = Shared([Field {
    id: 1,
    kind: FIELD_I64,
    offset: 24,
    count: 1,
    name: b"entered\0".as_ptr(),
    help: b"times a position was wanted\0".as_ptr(),
    initial: 0.0,
}]);
const _: () = assert!(size_of::<Ride>() == 32); // `entered` is its last member

fn param(start: &Start, id: u32) -> i64 {
    let count = start.param_count as usize;
    let values = unsafe { core::slice::from_raw_parts(start.params, count) };
    values.iter().find(|value| value.id == id).map_or(0, |value| value.i)
}

extern "C" fn on_start(me: *mut Strategy, start: *const Start, err: *mut Error) -> i32 {
    let (start, host) = unsafe { (&*start, &*(*me).host) };
    let ride = unsafe { &mut *(*me).state.cast::<Ride>() };
    ride.unit = (0..param(start, 1)).fold(1.0, |unit, _| unit * 10.0);
    ride.size = param(start, 2);
    ride.middle =
        (host.use_indicator)(me, 0, 0, b"example.midpoint(20)\0".as_ptr(), err);
    unsafe { err.as_ref().map_or(OK, |err| err.code) }
}

extern "C" fn on_bar(me: *mut Strategy, bar: *const Bar) {
    let (bar, host) = unsafe { (&*bar, &*(*me).host) };
    let ride = unsafe { &mut *(*me).state.cast::<Ride>() };
    let above = bar.close as f64 / ride.unit > unsafe { (*ride.middle).value[0] };
    let (size, why) = match above {
        true => (ride.size, b"above the midpoint\0".as_ptr()),
        false => (0, b"not above the midpoint\0".as_ptr()),
    };
    if (host.target)(me, bar.instrument, size, why) != 0 && above {
        ride.entered += 1;
    }
}

static TYPE: Shared<StrategyType> = Shared(StrategyType {
    struct_size: size_of::<StrategyType>() as u32,
    state_size: size_of::<Ride>() as u32,
    id: b"example.ride\0".as_ptr(),
    version: b"1.0.0\0".as_ptr(),
    summary: b"Holds while the close is above the midpoint, in Rust\0".as_ptr(),
    params: PARAMS.0.as_ptr(),
    fields: FIELDS.0.as_ptr(),
    param_count: 2,
    field_count: 1,
    state_schema: 1,
    reserved: 0,
    on_start,
    on_stop: None,
    on_bar: Some(on_bar),
    others: [None; 9],
    converts: ptr::null(),
    convert_count: 0,
    reserved2: 0,
    on_check: None,
});

static OFFERS: Shared<[Offer; 1]> = Shared([Offer {
    kind: KIND_STRATEGY,
    reserved: 0,
    indicator: ptr::null(),
    strategy: &TYPE.0,
    broker: ptr::null(),
}]);

#[used]
#[link_section = ".note.turret"]
static NOTE: ElfNote = note(KIND_STRATEGY, b"example.ride", b"1.0.0");

#[no_mangle]
pub static turret_entry: Shared<Entry> =
    entry(b"example.ride\0".as_ptr(), b"1.0.0\0".as_ptr(), OFFERS.0.as_ptr());
