package dev.muster.protocol.tuf;

import java.io.IOException;
import java.util.Optional;

/** Where metadata comes from; nothing that it says is believed. */
@FunctionalInterface
public interface MetadataSource {
    /**
     * @param file {@code timestamp.json}, {@code 3.root.json}, {@code 17.releases-app.json}
     * @param maxBytes more is refused before it is read
     * @return empty when there is no such file
     * @throws IOException when it cannot be asked for, or is larger
     */
    Optional<byte[]> fetch(String file, int maxBytes) throws IOException;
}
