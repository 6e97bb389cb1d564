package dev.muster.registry.apply;

import dev.muster.platform.error.Refusal;

/** Any bytes as documents to apply: read, or refused with a reason. */
public final class ApplyFuzz {
    private ApplyFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        try {
            ApplyResource.documents(data);
        } catch (Refusal refused) {
            if (refused.getMessage() == null) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
    }
}
