/** Tells speech from silence and noise in one caller's audio, frame by frame. Instances know nothing of each other. */
export interface VoiceActivityDetector {
  /**
   * Called for every frame in order; never waits.
   *
   * @param frame 20 ms at 8 kHz: 160 signed 16-bit samples. Anything else is not speech.
   * @returns whether somebody speaks in this frame. After `close` nobody does.
   */
  process(frame: Int16Array): boolean;
  /** Frees what the detector holds outside of our memory management; harmless when repeated. */
  close(): void;
}
