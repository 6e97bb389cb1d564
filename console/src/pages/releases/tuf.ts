/** A signed file of release metadata, as far as it is shown (TUF specification, section 4). */
export type Signed = {
  signatures: { keyid: string; sig: string }[];
  signed: {
    _type: string;
    version: number;
    expires: string;
    roles?: Record<string, { keyids: string[]; threshold: number }>;
    delegations?: { roles: { name: string; keyids: string[]; threshold: number; paths?: string[] }[] };
  };
};

/** Who said that a file is good, of those that may. The server has verified it when it was published; assets do so again. */
export type Signers = { role: string; version: number; expires: string; threshold: number; keys: { id: string; signed: boolean }[] };

/** Of the metadata of one component: root names who signs targets, targets who signs the component. */
export function signersOf(component: string, files: { root?: Signed | undefined; targets?: Signed | undefined; own?: Signed | undefined }): Signers[] {
  const { root, targets, own } = files;
  const role = `releases-${component}`;
  const delegated = targets?.signed.delegations?.roles.find((each) => each.name === role);
  return [
    own && signers(role, own, delegated),
    targets && signers('targets', targets, root?.signed.roles?.targets),
    root && signers('root', root, root.signed.roles?.root),
  ].filter((each) => each !== undefined);
}

function signers(role: string, { signatures, signed }: Signed, may: { keyids: string[]; threshold: number } | undefined): Signers {
  const by = new Set(signatures.filter((each) => each.sig !== '').map((each) => each.keyid));
  return { role, version: signed.version, expires: signed.expires, threshold: may?.threshold ?? 0, keys: (may?.keyids ?? []).map((id) => ({ id, signed: by.has(id) })) };
}
