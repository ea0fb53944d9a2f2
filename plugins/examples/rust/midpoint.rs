// SPDX-License-Identifier: Apache-2.0
//! An indicator in Rust, without crates and without std: the middle between the highest high and
//! the lowest low of the last bars. The state is a header and a ring of (high, low) behind it.
#![no_std]

mod turret;

use core::ffi::c_void;
use core::{mem, ptr, slice};
use turret::*;

#[repr(C)]
struct State {
    period: u32,
    seen: u32,
    at: u32,
    reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Range {
    high: f64,
    low: f64,
}

static OUTPUTS: Shared<[Text; 1]> = Shared([b"value\0".as_ptr()]);
static PARAMS: Shared<[Param; 1]> = Shared([Param {
    id: 1,
    kind: PARAM_INT,
    name: b"period\0".as_ptr(),
    default_text: b"20\0".as_ptr(),
    min: 1.0,
    max: 1000.0,
    step: 1.0,
    unit: b"bars\0".as_ptr(),
    help: b"how many bars are looked at\0".as_ptr(),
}]);

fn period(values: *const ParamValue) -> u32 {
    unsafe { (*values).i as u32 }
}

extern "C" fn state_size(values: *const ParamValue) -> u64 {
    (mem::size_of::<State>() + period(values) as usize * mem::size_of::<Range>()) as u64
}

extern "C" fn start(state: *mut c_void, values: *const ParamValue, _: *mut Error) -> i32 {
    unsafe { (*state.cast::<State>()).period = period(values) };
    OK
}

extern "C" fn lookback(values: *const ParamValue) -> u32 {
    period(values) - 1
}

extern "C" fn update(state: *mut c_void, bar: *const Candle, out: *mut f64) -> i32 {
    let (s, ring, bar) = unsafe {
        let s = &mut *state.cast::<State>();
        let ring = (s as *mut State).add(1).cast::<Range>();
        (&mut *state.cast::<State>(), slice::from_raw_parts_mut(ring, s.period as usize), &*bar)
    };
    if let Some(place) = ring.get_mut(s.at as usize) {
        *place = Range { high: bar.high, low: bar.low };
    }
    s.at = if s.at + 1 < s.period { s.at + 1 } else { 0 };
    if s.seen < s.period {
        s.seen += 1;
    }
    if s.seen < s.period {
        return 0;
    }
    let mut all = Range { high: bar.high, low: bar.low };
    for one in ring.iter() {
        all.high = if one.high > all.high { one.high } else { all.high };
        all.low = if one.low < all.low { one.low } else { all.low };
    }
    unsafe { *out = all.high / 2.0 + all.low / 2.0 }; // a sum could overflow
    1
}

static TYPE: Shared<IndicatorType> = Shared(IndicatorType {
    struct_size: mem::size_of::<IndicatorType>() as u32,
    output_count: 1,
    id: b"example.midpoint\0".as_ptr(),
    version: b"1.0.0\0".as_ptr(),
    summary: b"Middle of the highest high and the lowest low, in Rust\0".as_ptr(),
    output_names: OUTPUTS.0.as_ptr(),
    params: PARAMS.0.as_ptr(),
    param_count: 1,
    state_schema: 1,
    state_size,
    start,
    lookback,
    update,
    update_block: None,
    handover: 0,
    reserved: 0,
});

static OFFERS: Shared<[Offer; 1]> = Shared([Offer {
    kind: KIND_INDICATOR,
    reserved: 0,
    indicator: &TYPE.0,
    strategy: ptr::null(),
    broker: ptr::null(),
}]);

#[used]
#[link_section = ".note.turret"]
static NOTE: ElfNote = note(KIND_INDICATOR, b"example.midpoint", b"1.0.0");

#[no_mangle]
pub static turret_entry: Shared<Entry> =
    entry(b"example.midpoint\0".as_ptr(), b"1.0.0\0".as_ptr(), OFFERS.0.as_ptr());
