package dev.muster.file;

import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.Settings;
import dev.muster.release.artifact.ArtifactStore;
import org.springframework.stereotype.Component;

/** Where the bytes lie: a content-addressed store of their own, so that no rule of releases reaches them. */
@Component
class FileContents {
    private final ArtifactStore store;

    FileContents(DataDirectory directory, Settings settings) {
        this.store = new ArtifactStore(directory.files(), settings.get(FileSettings.MAX_BYTES), Integer.MAX_VALUE);
    }

    ArtifactStore store() {
        return store;
    }
}
