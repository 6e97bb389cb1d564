package dev.muster.protocol.tuf;

/** Any bytes as each role's metadata: read, or refused. */
public final class MetadataFuzz {
    private MetadataFuzz() {}

    private interface Read {
        Object of(SignedDocument document) throws MetadataRefusedException;
    }

    public static void fuzzerTestOneInput(byte[] data) {
        try {
            SignedDocument document = SignedDocument.parse(data, "fuzz.json");
            read(document, MetadataReader::root);
            read(document, MetadataReader::timestamp);
            read(document, MetadataReader::snapshot);
            read(document, MetadataReader::targets);
        } catch (MetadataRefusedException refused) {
            requireReason(refused);
        }
    }

    private static void read(SignedDocument document, Read read) {
        try {
            read.of(document);
        } catch (MetadataRefusedException refused) {
            requireReason(refused);
        }
    }

    private static void requireReason(MetadataRefusedException refused) {
        if (refused.getMessage() == null) {
            throw new AssertionError("refused without a reason", refused);
        }
    }
}
