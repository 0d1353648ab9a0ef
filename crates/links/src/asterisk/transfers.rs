//! Moves that Asterisk names: transfers, pickup, parking.

use std::sync::Arc;

use ami::event::{AttendedDest, AttendedTransfer, BlindTransfer, Parked, Pickup, TransferResult};
use cti_core::fact::{Cause, JoinKind, QueueLeave, TransferKind};
use cti_core::ids::Native;
use cti_core::input::SwitchEvent;

use super::AsteriskTranslator;
use super::later::{TRANSFER_MS, What};
use super::model::{Channel, Uid, Waiting};
use super::names::{self, Name};

impl AsteriskTranslator {
    pub(super) fn on_blind_transfer(&mut self, view: BlindTransfer<'_>) {
        if view.result() != Some(TransferResult::Success) {
            return;
        }
        let by = self.see(view.transferer());
        let transferee = self.see(view.transferee());
        let call_of = |translator: &Self, uid: &Option<Uid>| {
            let channel = translator.model.channel(uid.as_ref()?)?;
            channel.call().cloned()
        };
        let Some(call) = call_of(self, &by).or_else(|| call_of(self, &transferee)) else { return };
        if transferee
            .as_ref()
            .and_then(|uid| self.model.channel(uid))
            .is_some_and(|channel| channel.is_parked)
        {
            return;
        }
        if let Some(by) = by {
            match transferee {
                // Parking is asked for in the same way: wait for what comes.
                Some(transferee) => {
                    let to = view.extension().map(Into::into);
                    self.defer(&transferee, TRANSFER_MS, What::Transferred { by, to });
                }
                None => self.transferred(&call, &[by], TransferKind::Blind, view.extension()),
            }
            return;
        }
        // The transferring leg is gone already; its name still tells the device.
        let name = view.message().get_prefixed("Transferer", "Channel").unwrap_or_default();
        if let Name::Party(device) = names::read(name) {
            self.say(SwitchEvent::Transferred {
                call,
                by: Native::from(device),
                kind: TransferKind::Blind,
                to: view.extension().map(Into::into),
            });
        }
    }

    pub(super) fn on_attended_transfer(&mut self, view: AttendedTransfer<'_>) {
        let is_done =
            view.result() == Some(TransferResult::Success) && view.dest_type() != Some(AttendedDest::Fail);
        let first = self.see(view.orig_transferer());
        let second = self.see(view.second_transferer());
        let transferee = self.see(view.transferee());
        let (true, Some(first), Some(second)) = (is_done, first, second) else { return };
        let mut calls: Vec<Native> = Vec::new();
        for uid in [&first, &second] {
            for connection in self.model.channel(uid).iter().flat_map(|channel| &channel.connections) {
                if !calls.contains(&connection.call) {
                    calls.push(connection.call.clone());
                }
            }
        }
        let Some(mut call) = calls.first().cloned() else { return };
        let is_threeway = view.dest_type() == Some(AttendedDest::Threeway);
        let how = if is_threeway { JoinKind::Conference } else { JoinKind::Transfer };
        let queue =
            self.model.channel(&second).and_then(|channel| Some(channel.waiting.as_ref()?.queue.clone()));
        if queue.is_some() && !is_threeway {
            self.leave_queue(&second, QueueLeave::Withdrawn);
        }
        let held = self.held.remove(&second).filter(|_| !is_threeway);
        for other in calls.iter().skip(1) {
            call = self.join(&call, other, how);
        }
        if !is_threeway {
            self.take_over_dialling(&second, transferee.as_ref());
            self.transferred(&call, &[first, second], TransferKind::Consult, None);
            if let (Some(uid), Some(queue)) = (&transferee, queue) {
                self.take_over_queue(uid, queue);
            }
            if let (Some(uid), Some(held)) = (transferee, held) {
                self.take_over_held(uid, held);
            }
        }
    }

    /// A transfer into a queue: the transferred party waits where the transferring one stood.
    fn take_over_queue(&mut self, uid: &Uid, queue: Native) {
        let Some((call, connection)) = self.ensure_told(uid) else { return };
        if let Some(channel) = self.model.channel_mut(uid) {
            channel.waiting = Some(Waiting { queue: queue.clone(), abandoned: false, left: None });
            self.say(SwitchEvent::Queued { call, connection, queue, position: None });
        }
    }

    /// A transfer to a target that still rings: from now on the transferred party is the one who calls it.
    fn take_over_dialling(&mut self, from: &Uid, to: Option<&Uid>) {
        let Some(to) = to.filter(|to| *to != from) else { return };
        let dials = match self.model.channel_mut(from) {
            Some(channel) => std::mem::take(&mut channel.dials),
            None => return,
        };
        for dialled in &dials {
            if let Some(channel) = self.model.channel_mut(dialled) {
                channel.dialler = Some(Arc::clone(to));
            }
        }
        if let Some(channel) = self.model.channel_mut(to) {
            channel.dials.extend(dials);
        }
    }

    /// The picking leg takes the place of the ringing one.
    pub(super) fn on_pickup(&mut self, view: Pickup<'_>) {
        let (Some(picker), Some(target)) = (self.see(view.channel()), self.see(view.target())) else {
            return;
        };
        let Some((own, _)) = self.ensure_told(&picker) else { return };
        let called_for = self.model.called_for(&target).cloned();
        if let Some(channel) = self.model.channel_mut(&target) {
            channel.is_picked_up = true;
        }
        if let Some(channel) = self.model.channel_mut(&picker) {
            channel.called_for = called_for;
        }
        let call = self.model.channel(&target).and_then(|channel| channel.call().cloned());
        if let Some(call) = call.or_else(|| self.model.call_around(&target)) {
            self.join(&call, &own, JoinKind::Connect);
            // The picking leg called for itself, but in this call it is the one that answers.
            let current = self.model.channel(&picker).and_then(Channel::current).cloned();
            if let Some(current) = current
                && let Some(to) = self.endpoint(&picker, current.key)
            {
                self.say(SwitchEvent::Established { call: current.call, to });
            }
        }
    }

    pub(super) fn on_parked(&mut self, view: Parked<'_>) {
        let Some(uid) = self.see(view.parkee()) else { return };
        let Some(place) = view.space() else { return };
        let Some((call, connection)) = self.ensure_told(&uid) else { return };
        let by = view
            .parker()
            .and_then(ami::event::ChannelSnapshot::name)
            .and_then(|name| match names::read(name) {
                Name::Party(device) => Some(Native::from(device)),
                Name::Local(..) | Name::Internal => None,
            })
            .or_else(|| view.parker_dial_string().and_then(names::interface_device).map(Native::from));
        let Some(channel) = self.model.channel_mut(&uid) else { return };
        if !std::mem::replace(&mut channel.is_parked, true) {
            let place = place.to_string().into();
            self.drop_later(&uid, |what| matches!(what, What::Transferred { .. }));
            self.say(SwitchEvent::Parked { call: call.clone(), connection, place, by: by.clone() });
            if let Some(by) = by {
                self.leave_parked(&call, &by);
            }
        }
    }

    /// Who parked a call is free, however long the phone keeps its leg.
    fn leave_parked(&mut self, call: &Native, by: &Native) {
        let legs: Vec<Uid> = self.model.calls.get(call).map_or_else(Vec::new, |call| {
            let is_own = |uid: &Uid| {
                self.model.channel(uid).is_some_and(|one| one.device() == Some(by) && !one.is_parked)
            };
            call.members.iter().map(|(uid, _)| uid).filter(|uid| is_own(uid)).cloned().collect()
        });
        for uid in legs {
            self.clear_connections(&uid, |_, _, _| Cause::Transferred);
        }
    }

    pub(super) fn on_unparked(&mut self, view: Parked<'_>) {
        self.see(view.retriever());
        if let Some(uid) = self.see(view.parkee()) {
            self.unpark(&uid);
        }
    }

    pub(super) fn unpark(&mut self, uid: &str) {
        let Some(channel) = self.model.channel_mut(uid) else { return };
        if !std::mem::replace(&mut channel.is_parked, false) {
            return;
        }
        let told = self.model.channel(uid).and_then(Channel::current);
        if let Some((call, connection)) = told.map(|current| (current.call.clone(), current.key.clone())) {
            self.say(SwitchEvent::Unparked { call, connection });
        }
    }
}
