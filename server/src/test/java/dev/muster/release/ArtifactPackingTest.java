package dev.muster.release;

import static dev.muster.release.Signers.artifact;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import dev.muster.gateway.port.Artifacts;
import dev.muster.protocol.delta.DeltaPatch;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.release.artifact.PackedArtifacts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What assets are given instead of the whole artifact: the same packed, or what differs from what they have. */
class ArtifactPackingTest extends PublishingFixture {
    @Test
    void whoHasAnEarlierVersionGetsWhatDiffersAlone() throws Exception {
        byte[] old = new byte[300_000];
        new Random(3).nextBytes(old);
        byte[] changed = old.clone();
        System.arraycopy(V2, 0, changed, 150_000, V2.length);
        byte[] other = new byte[300_000];
        new Random(4).nextBytes(other);
        TargetFile first = artifact("app", "1.0.0", old, "", "rpi4");
        TargetFile second = artifact("app", "1.1.0", changed, "", "rpi4");
        TargetFile third = artifact("app", "1.2.0", other, "", "rpi4");
        TargetFile elsewhere = artifact("app", "1.3.0", old, "", "imx8");
        setUp("app");
        for (byte[] content : List.of(old, changed, other)) {
            upload(content);
        }
        publishApp(1, first, second, third, elsewhere);

        new ArtifactPacking(store, artifacts, packed(), 3, 1 << 20).round();

        DeviceArtifacts downloads = downloads();
        assertThat(downloads.packed(first.sha256()))
                .as("noise cannot be packed")
                .isEmpty();
        Artifacts.Found found = downloads.delta(second.sha256(), first.sha256());
        assertThat(found).isInstanceOf(Artifacts.Found.File.class);
        Path delta = ((Artifacts.Found.File) found).path();
        assertThat(Files.size(delta)).isLessThan(1_000);
        Path result = directory.resolve("result");
        DeltaPatch.apply(artifacts.find(first.sha256()).orElseThrow(), delta, result, second.sha256());
        assertThat(result).hasBinaryContent(changed);
        for (TargetFile none : List.of(second, elsewhere)) {
            assertThat(downloads.delta(third.sha256(), none.sha256()))
                    .as("saves nothing, or is of other hardware")
                    .isEqualTo(new Artifacts.Found.Refused(404, "no_delta", "there is no delta; fetch the whole"));
        }

        releases.quarantine(CI, "app@1.1.0", "bricks the pump");
        assertThat(downloads.delta(second.sha256(), first.sha256()))
                .isInstanceOf(Artifacts.Found.Refused.class)
                .extracting(refused -> ((Artifacts.Found.Refused) refused).status())
                .isEqualTo(403);
        new ArtifactPacking(store, artifacts, packed(), 3, 1 << 20).round();
        assertThat(delta).as("of what is given to nobody").doesNotExist();
    }

    @Test
    void whatCanBePackedIsPackedOnceAndAsItIs() throws Exception {
        byte[] text = "all work and no play ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        TargetFile file = artifact("app", "1.0.0", text, "", "rpi4");
        setUp("app");
        upload(text);
        publishApp(1, file);
        ArtifactPacking packing = new ArtifactPacking(store, artifacts, packed(), 3, 1 << 20);
        packing.round();

        Path packed = downloads().packed(file.sha256()).orElseThrow();
        assertThat(Files.size(packed)).isLessThan(text.length / 10);
        try (ZstdInputStream in = new ZstdInputStream(Files.newInputStream(packed))) {
            assertThat(in.readAllBytes()).isEqualTo(text);
        }
        FileTime made = Files.getLastModifiedTime(packed);
        packing.round();
        assertThat(Files.getLastModifiedTime(packed)).isEqualTo(made);
        new ArtifactPacking(store, artifacts, new PackedArtifacts(directory.resolve("other"), artifacts), 3, 1000)
                .round();
        assertThat(directory.resolve("other")).as("larger than is packed").isEmptyDirectory();
    }
}
