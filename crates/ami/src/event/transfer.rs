//! Transfers, Local channel pairs, parking.

use super::view::{event_view, wire_words};

wire_words! {
    /// `Result` of a transfer.
    TransferResult {
        Success = "Success",
        Fail = "Fail",
        Invalid = "Invalid",
        NotPermitted = "Not Permitted",
    }
}

event_view! {
    /// `BlindTransfer`. The transferee is named only when there is one; it keeps its `Uniqueid`.
    BlindTransfer {
        result: word(TransferResult, "Result"),
        transferer: channel("Transferer"),
        transferee: channel("Transferee"),
        bridge: bridge(""),
        is_external: flag("IsExternal"),
        context: text("Context"),
        extension: text("Extension"),
    }
}

wire_words! {
    /// `DestType` of an attended transfer: what the parties were joined by.
    AttendedDest {
        Bridge = "Bridge",
        App = "App",
        Link = "Link",
        Threeway = "Threeway",
        Fail = "Fail",
    }
}

event_view! {
    /// `AttendedTransfer`: from a phone (REFER with Replaces), a feature code or ARI. `transfer_target` is absent
    /// while the target still rings.
    AttendedTransfer {
        result: word(TransferResult, "Result"),
        orig_transferer: channel("OrigTransferer"),
        orig_bridge: bridge("Orig"),
        second_transferer: channel("SecondTransferer"),
        second_bridge: bridge("Second"),
        transferee: channel("Transferee"),
        transfer_target: channel("TransferTarget"),
        is_external: flag("IsExternal"),
        dest_type: word(AttendedDest, "DestType"),
        dest_bridge_uniqueid: text("DestBridgeUniqueid"),
        dest_app: text("DestApp"),
        dest_transferer_channel: text("DestTransfererChannel", "DestTransferrerChannel"),
        local_one: channel("LocalOne"),
        local_two: channel("LocalTwo"),
    }
}

event_view! {
    /// `LocalBridge`: ties `;1` and `;2` when the Local channel is called.
    LocalBridge {
        local_one: channel("LocalOne"),
        local_two: channel("LocalTwo"),
        context: text("Context"),
        exten: text("Exten"),
        is_optimized: flag("LocalOptimization"),
    }
}

event_view! {
    /// `LocalOptimizationBegin`: `source` will take the place of the Local leg that `dest_uniqueid` names.
    LocalOptimizationBegin {
        local_one: channel("LocalOne"),
        local_two: channel("LocalTwo"),
        source: channel("Source"),
        dest_uniqueid: text("DestUniqueId"),
        id: text("Id"),
    }
}

event_view! {
    /// `LocalOptimizationEnd`: the pair was removed, and the Hangup of both Locals is not the end of the call.
    /// Recordings of Asterisk 16 and 22 say `Success: No` even so: follow the bridges, not this word.
    LocalOptimizationEnd {
        local_one: channel("LocalOne"),
        local_two: channel("LocalTwo"),
        is_success: flag("Success"),
        id: text("Id"),
    }
}

event_view! {
    /// `ParkedCall`, `ParkedCallTimeOut`, `ParkedCallGiveUp`, `UnParkedCall`, `ParkedCallSwap`; `ParkedCall` is also
    /// the list item of `ParkedCalls`. Recorded switches name the parker by its dial string only.
    Parked {
        parkee: channel("Parkee"),
        retriever: channel("Retriever"),
        parker: channel("Parker"),
        parker_dial_string: text("ParkerDialString"),
        lot: text("Parkinglot"),
        space: number(u32, "ParkingSpace"),
        timeout: seconds("ParkingTimeout"),
        duration: seconds("ParkingDuration"),
    }
}
