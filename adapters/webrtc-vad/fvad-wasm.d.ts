/** What we use of `@echogarden/fvad-wasm`, which ships without types: libfvad's C interface over one WASM heap. */
declare module '@echogarden/fvad-wasm' {
  export interface FvadModule {
    /** Replaced when the heap grows: read it anew at each use. */
    readonly HEAP16: Int16Array;
    /** @returns the address of `bytes` bytes, or 0. */
    _malloc(bytes: number): number;
    _free(address: number): void;
    /** @returns the address of a detector, or 0. */
    _fvad_new(): number;
    _fvad_free(detector: number): void;
    /** @returns 0, or -1 for a mode outside 0 to 3. */
    _fvad_set_mode(detector: number, mode: number): number;
    _fvad_set_sample_rate(detector: number, hz: number): number;
    /** @returns 1 for speech, 0 for none, -1 for a wrong frame length. */
    _fvad_process(detector: number, samples: number, sampleCount: number): number;
  }
  // biome-ignore lint/style/noDefaultExport: this is how the package exports it
  export default function loadFvad(options?: { readonly wasmBinary?: Uint8Array }): Promise<FvadModule>;
}
