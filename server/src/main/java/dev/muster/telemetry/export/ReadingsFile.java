package dev.muster.telemetry.export;

import dev.muster.telemetry.store.TelemetryStore.AssetReading;
import java.io.IOException;
import java.util.List;

/** A file of readings that is being written: some rows after the other, then its end. */
public interface ReadingsFile {
    void rows(List<AssetReading> rows) throws IOException;

    /** Without it a file is not whole. */
    void end() throws IOException;
}
