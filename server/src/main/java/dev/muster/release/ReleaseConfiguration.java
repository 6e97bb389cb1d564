package dev.muster.release;

import dev.muster.pki.SealedKeys;
import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.Settings;
import dev.muster.platform.web.BodyLimit;
import dev.muster.release.artifact.ArtifactStore;
import dev.muster.release.artifact.PackedArtifacts;
import dev.muster.release.metadata.SignedRepository;
import dev.muster.release.supply.ProvenanceKeys;
import dev.muster.release.supply.Supply;
import java.security.SecureRandom;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The artifacts and the signed metadata of this server. */
@Configuration(proxyBeanMethods = false)
class ReleaseConfiguration {
    /** Metadata of several roles at once, each of at most 8 MiB, escaped. */
    private static final long MAX_METADATA_BODY = 32L << 20;

    @Bean
    ArtifactStore artifactStore(DataDirectory directory, Settings settings) {
        return new ArtifactStore(
                directory.artifacts(),
                settings.get(ReleaseSettings.MAX_ARTIFACT),
                settings.get(ReleaseSettings.MAX_UPLOADS));
    }

    @Bean
    PackedArtifacts packedArtifacts(DataDirectory directory, ArtifactStore artifacts) {
        return new PackedArtifacts(directory.packedArtifacts(), artifacts);
    }

    @Bean
    SignedRepository signedRepository(
            JdbcClient jdbc, DataDirectory directory, SealedKeys sealed, Clock clock, Settings settings) {
        return SignedRepository.open(
                jdbc,
                directory.releases(),
                sealed,
                new SecureRandom(),
                clock,
                settings.get(ReleaseSettings.TIMESTAMP_LIFETIME));
    }

    @Bean
    Supply.Rules supplyRules(Settings settings) {
        return new Supply.Rules(
                ProvenanceKeys.in(settings.get(ReleaseSettings.PROVENANCE_KEYS)),
                settings.get(ReleaseSettings.PROVENANCE_REQUIRED));
    }

    @Bean
    BodyLimit metadataBodyLimit() {
        return new BodyLimit("/api/v1/tuf", MAX_METADATA_BODY);
    }
}
