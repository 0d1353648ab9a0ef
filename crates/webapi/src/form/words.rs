//! The words of the form in the languages of the desk.

/// What is wrong with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No number that can be called back.
    Phone,
    /// No subject, or too long a one.
    Subject,
    /// No time, a past one, or one too far ahead.
    When,
    /// No consent.
    Consent,
    /// Too many orders from here or for this number.
    TooMany,
    /// Not at the moment.
    Unavailable,
}

impl Fault {
    /// The word of the log and of metrics.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Subject => "subject",
            Self::When => "when",
            Self::Consent => "consent",
            Self::TooMany => "too_many",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Words of one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub(super) phone: &'static str,
    pub(super) subject: &'static str,
    pub(super) when: &'static str,
    pub(super) soon: &'static str,
    pub(super) send: &'static str,
    pub(super) thanks: &'static str,
    faults: [&'static str; 6],
}

impl Words {
    pub(super) fn of(language: &str) -> &'static Self {
        match language {
            "cs" => &CS,
            "sk" => &SK,
            "pl" => &PL,
            "it" => &IT,
            "de" => &DE,
            _ => &EN,
        }
    }

    pub(super) const fn fault(&self, fault: Fault) -> &'static str {
        let [phone, subject, when, consent, too_many, unavailable] = self.faults;
        match fault {
            Fault::Phone => phone,
            Fault::Subject => subject,
            Fault::When => when,
            Fault::Consent => consent,
            Fault::TooMany => too_many,
            Fault::Unavailable => unavailable,
        }
    }
}

const EN: Words = Words {
    phone: "Phone number",
    subject: "What is it about?",
    when: "When shall we call?",
    soon: "Leave it empty and we call as soon as possible.",
    send: "Order a call",
    thanks: "Thank you. We will call you.",
    faults: [
        "We cannot call this number. Write it with its country code, like +420 602 123 456.",
        "Write in at most 200 characters what it is about.",
        "Choose a time from now on, in the coming days.",
        "We need your consent to call you.",
        "Too many orders. Try again later.",
        "We cannot take orders at the moment. Try again later.",
    ],
};

const CS: Words = Words {
    phone: "Telefonní číslo",
    subject: "O co jde?",
    when: "Kdy máme zavolat?",
    soon: "Necháte-li pole prázdné, zavoláme co nejdříve.",
    send: "Objednat hovor",
    thanks: "Děkujeme. Zavoláme vám.",
    faults: [
        "Na toto číslo zavolat nemůžeme. Napište je s předvolbou země, například +420 602 123 456.",
        "Napište nejvýše 200 znaky, o co jde.",
        "Zvolte čas od této chvíle v příštích dnech.",
        "Abychom mohli zavolat, potřebujeme váš souhlas.",
        "Příliš mnoho objednávek. Zkuste to později.",
        "Objednávky teď nepřijímáme. Zkuste to později.",
    ],
};

const SK: Words = Words {
    phone: "Telefónne číslo",
    subject: "O čo ide?",
    when: "Kedy máme zavolať?",
    soon: "Ak necháte pole prázdne, zavoláme čo najskôr.",
    send: "Objednať hovor",
    thanks: "Ďakujeme. Zavoláme vám.",
    faults: [
        "Na toto číslo zavolať nemôžeme. Napíšte ho s predvoľbou krajiny, napríklad +421 902 123 456.",
        "Napíšte najviac 200 znakmi, o čo ide.",
        "Zvoľte čas od tejto chvíle v najbližších dňoch.",
        "Aby sme mohli zavolať, potrebujeme váš súhlas.",
        "Príliš veľa objednávok. Skúste to neskôr.",
        "Objednávky teraz neprijímame. Skúste to neskôr.",
    ],
};

const PL: Words = Words {
    phone: "Numer telefonu",
    subject: "Czego dotyczy rozmowa?",
    when: "Kiedy mamy zadzwonić?",
    soon: "Puste pole oznacza: jak najszybciej.",
    send: "Zamów rozmowę",
    thanks: "Dziękujemy. Zadzwonimy do Państwa.",
    faults: [
        "Nie możemy zadzwonić pod ten numer. Proszę podać go z numerem kraju, na przykład +48 602 123 456.",
        "Proszę opisać sprawę w najwyżej 200 znakach.",
        "Proszę wybrać porę od teraz, w najbliższych dniach.",
        "Aby zadzwonić, potrzebujemy Państwa zgody.",
        "Zbyt wiele zamówień. Proszę spróbować później.",
        "Teraz nie przyjmujemy zamówień. Proszę spróbować później.",
    ],
};

const IT: Words = Words {
    phone: "Numero di telefono",
    subject: "Di che cosa si tratta?",
    when: "Quando dobbiamo chiamare?",
    soon: "Se lasciate il campo vuoto, chiamiamo al più presto.",
    send: "Richiedi una chiamata",
    thanks: "Grazie. Vi chiameremo.",
    faults: [
        "Non possiamo chiamare questo numero. Scrivetelo con il prefisso del paese, per esempio +39 333 123 4567.",
        "Scrivete in al massimo 200 caratteri di che cosa si tratta.",
        "Scegliete un momento da adesso in poi, nei prossimi giorni.",
        "Per chiamarvi ci serve il vostro consenso.",
        "Troppe richieste. Riprovate più tardi.",
        "Al momento non accettiamo richieste. Riprovate più tardi.",
    ],
};

const DE: Words = Words {
    phone: "Telefonnummer",
    subject: "Worum geht es?",
    when: "Wann sollen wir anrufen?",
    soon: "Bleibt das Feld leer, rufen wir so bald wie möglich an.",
    send: "Rückruf bestellen",
    thanks: "Danke. Wir rufen Sie an.",
    faults: [
        "Diese Nummer können wir nicht anrufen. Schreiben Sie sie mit Landesvorwahl, zum Beispiel +49 170 1234567.",
        "Schreiben Sie in höchstens 200 Zeichen, worum es geht.",
        "Wählen Sie eine Zeit ab jetzt, in den nächsten Tagen.",
        "Um Sie anzurufen, brauchen wir Ihre Zustimmung.",
        "Zu viele Bestellungen. Versuchen Sie es später wieder.",
        "Zurzeit nehmen wir keine Bestellungen an. Versuchen Sie es später wieder.",
    ],
};
