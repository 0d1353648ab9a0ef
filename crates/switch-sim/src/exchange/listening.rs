//! A supervisor hears one channel (`ChanSpy` of the include file).

use super::channel::{Doing, UP};
use super::event::Class;
use super::{ChanId, Exchange};

impl Exchange {
    /// The channel hears the one whose unique id it was given; false when that one is not there.
    pub(crate) fn hears_by_spying(&mut self, id: ChanId, options: &str) -> bool {
        let uid = self.channels.get(&id).map(|channel| channel.variable("CTI_HEARD").to_owned());
        let uid = uid.filter(|uid| !uid.is_empty());
        // By its unique id alone: a name would fit more than one.
        let heard = uid.as_ref().and_then(|uid| self.channels.iter().find(|(_, one)| one.uid == *uid));
        let heard = heard.filter(|(other, one)| **other != id && one.state == UP).map(|(other, _)| *other);
        let (Some(uid), Some(heard)) = (uid, heard) else { return false };
        self.application(id, "ChanSpy", &format!("{uid},{options}"));
        self.does(id, Doing::Listening);
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.hears = Some(heard);
        }
        self.tell_listening("ChanSpyStart", id, heard);
        true
    }

    /// It hears nobody any more, whatever comes next.
    pub(crate) fn spies_no_more(&mut self, id: ChanId) {
        if let Some(heard) = self.channels.get_mut(&id).and_then(|channel| channel.hears.take()) {
            self.tell_listening("ChanSpyStop", id, heard);
        }
    }

    /// Who hears this channel.
    pub(crate) fn listeners_of(&self, heard: ChanId) -> Vec<ChanId> {
        self.channels.iter().filter(|(_, one)| one.hears == Some(heard)).map(|(id, _)| *id).collect()
    }

    fn tell_listening(&mut self, name: &'static str, id: ChanId, heard: ChanId) {
        let parts = [self.shot("Spyer", id), self.shot("Spyee", heard)];
        self.say(Class::Call, name, parts.into_iter().flatten().collect());
    }
}
