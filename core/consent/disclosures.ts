/** Every text that ever stood beside the box, by its version. A version is never changed: proofs refer to it. */
export const disclosures: Readonly<Record<string, string>> = {
  '2026-11':
    'By checking this box I agree to receive text messages from the voice center about my calls and appointments at the number above. Consent is not a condition of any service. Message frequency varies. Message and data rates may apply. Reply STOP to end, HELP for help.',
};

/** What pages show today. */
export const currentDisclosure = '2026-11';
