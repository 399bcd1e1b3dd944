"""What the stock Python client must find, by REST and by gRPC. Usage: contract.py HOST REST_PORT GRPC_PORT"""

import sys
import uuid

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

BERLIN = str(uuid.UUID(int=7))
POINTS = [
    models.PointStruct(id=1, vector=[0.05, 0.61, 0.76, 0.74], payload={"city": "Berlin", "size": 3_700_000}),
    models.PointStruct(id=2, vector=[0.19, 0.81, 0.75, 0.11], payload={"city": "London", "area": 1572.0}),
    models.PointStruct(id=BERLIN, vector=[0.18, 0.01, 0.85, 0.8], payload={"city": "Berlin", "tags": ["a", None]}),
]
QUERY = [0.2, 0.1, 0.9, 0.7]


def text_of(error):
    return error.content.decode() if isinstance(error, UnexpectedResponse) else str(error)


def condition(key, **match):
    return models.FieldCondition(key=key, **match)


def check_collections(client, name):
    vectors = models.VectorParams(size=4, distance=models.Distance.DOT, on_disk=True, hnsw_config=models.HnswConfigDiff(m=24, on_disk=True))
    created = client.create_collection(
        name,
        vectors_config=vectors,
        shard_number=2,
        hnsw_config=models.HnswConfigDiff(ef_construct=64),
        optimizers_config=models.OptimizersConfigDiff(indexing_threshold=77, max_optimization_threads=1),
        wal_config=models.WalConfigDiff(wal_capacity_mb=1),
        on_disk_payload=False,
        metadata={"owner": "tests"},
    )
    assert created is True
    assert client.collection_exists(name) and not client.collection_exists(name + "-other")
    assert name in [collection.name for collection in client.get_collections().collections]
    info = client.get_collection(name)
    assert info.status == models.CollectionStatus.GREEN, info
    assert info.config.params.vectors == vectors, info.config.params.vectors
    assert info.config.params.shard_number == 2 and info.config.params.on_disk_payload is False
    assert info.config.hnsw_config.ef_construct == 64 and info.config.optimizer_config.indexing_threshold == 77
    assert info.config.metadata == {"owner": "tests"}, info.config.metadata
    try:
        client.create_collection(name, vectors_config=vectors)
    except Exception as error:
        assert "already exists!" in text_of(error), error
    else:
        raise AssertionError("a second collection of the same name")


def check_points(client, name):
    assert client.upsert(name, POINTS, wait=True).status == models.UpdateStatus.COMPLETED
    records = client.retrieve(name, [2, BERLIN, 99], with_vectors=True)
    assert [record.id for record in records] == [2, BERLIN], records
    assert records[0].payload == {"city": "London", "area": 1572.0} and isinstance(records[0].payload["area"], float)
    assert records[1].payload == {"city": "Berlin", "tags": ["a", None]}
    assert all(abs(a - b) < 1e-6 for a, b in zip(records[0].vector, POINTS[1].vector))

    found = client.query_points(name, query=QUERY, limit=3, with_payload=["city"]).points
    assert [point.id for point in found] == [BERLIN, 1, 2] and abs(found[0].score - 1.362) < 1e-3, found
    assert found[0].payload == {"city": "Berlin"}
    assert [point.id for point in client.query_points(name, query=1).points] == [BERLIN, 2]
    berlin = models.Filter(must=[condition("city", match=models.MatchValue(value="Berlin"))])
    assert [point.id for point in client.query_points(name, query=QUERY, query_filter=berlin, score_threshold=1.3).points] == [BERLIN]
    exact = client.query_points(name, query=QUERY, search_params=models.SearchParams(exact=True, hnsw_ef=64), offset=1, limit=1)
    assert [point.id for point in exact.points] == [1]
    batch = client.query_batch_points(name, [models.QueryRequest(query=QUERY, limit=1), models.QueryRequest(query=2, limit=1)])
    assert [[point.id for point in answer.points] for answer in batch] == [[BERLIN], [1]], batch

    for expected, selection in [
        (2, berlin),
        (1, models.Filter(must_not=[condition("city", match=models.MatchAny(any=["Berlin"]))])),
        (1, models.Filter(must=[condition("city", match=models.MatchExcept(**{"except": ["Berlin"]}))])),
        (1, models.Filter(must=[condition("size", range=models.Range(gte=3_700_000))])),
        (2, models.Filter(must=[models.IsEmptyCondition(is_empty=models.PayloadField(key="size"))])),
        (1, models.Filter(must=[models.IsNullCondition(is_null=models.PayloadField(key="tags"))])),
        (2, models.Filter(should=[models.HasIdCondition(has_id=[1, BERLIN])])),
    ]:
        assert client.count(name, count_filter=selection).count == expected, selection

    seen, offset = [], None
    while True:
        page, offset = client.scroll(name, limit=2, offset=offset)
        seen += [record.id for record in page]
        if offset is None:
            break
    assert seen == [1, 2, BERLIN], seen

    client.set_payload(name, {"size": None, "seen": True}, points=[1], wait=True)
    assert client.retrieve(name, [1])[0].payload == {"city": "Berlin", "seen": True}
    client.delete(name, points_selector=berlin, wait=True)
    client.delete(name, points_selector=[55], wait=True)
    assert client.count(name).count == 1
    client.upload_points(name, [models.PointStruct(id=10 + i, vector=[i, 0, 0, 1], payload={"i": i}) for i in range(130)], wait=True)
    assert client.count(name).count == 131


def check_named_vectors(client, name):
    vectors = {"image": models.VectorParams(size=2, distance=models.Distance.COSINE), "text": models.VectorParams(size=1, distance=models.Distance.EUCLID)}
    client.create_collection(name, vectors_config=vectors)
    assert client.get_collection(name).config.params.vectors == vectors
    client.upsert(name, models.Batch(ids=[1, 2], vectors={"image": [[3, 4], [1, 0]], "text": [[1], [5]]}, payloads=[{"a": 1}, {"a": 2}]), wait=True)
    found = client.query_points(name, query=[3.0], using="text", with_vectors=["image"]).points
    assert {point.id: point.score for point in found} == {1: 2.0, 2: 2.0}, found
    assert [round(x, 6) for x in next(point for point in found if point.id == 1).vector["image"]] == [0.6, 0.8]
    assert client.delete_collection(name) is True


def check_aliases(client, name):
    alias = name + "-alias"
    client.update_collection_aliases([models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=name, alias_name=alias))])
    assert [entry.alias_name for entry in client.get_collection_aliases(name).aliases] == [alias]
    assert client.count(alias).count == client.count(name).count
    client.update_collection_aliases([models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))])
    assert alias not in [entry.alias_name for entry in client.get_aliases().aliases]


def check_errors(client, name):
    for call, words in [
        (lambda: client.get_collection("absent"), "doesn't exist!"),
        (lambda: client.query_points(name, query=[1.0]), "expected dim: 4, got 1"),
        (lambda: client.query_points(name, query=[1.0], using="absent"), "Not existing vector name error: absent"),
        (lambda: client.create_payload_index(name, "city", models.PayloadSchemaType.KEYWORD), "not supported yet"),
        (lambda: client.query_points(name, query=models.FusionQuery(fusion=models.Fusion.RRF), prefetch=[models.Prefetch(query=QUERY)]), "not supported yet"),
    ]:
        try:
            call()
        except Exception as error:
            assert words in text_of(error), error
        else:
            raise AssertionError(f"no error with {words!r}")


def main():
    host, rest_port, grpc_port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for prefer_grpc in [False, True]:
        client = QdrantClient(host=host, port=rest_port, grpc_port=grpc_port, prefer_grpc=prefer_grpc)
        name = f"contract-python-{'grpc' if prefer_grpc else 'rest'}-{uuid.uuid4().hex[:8]}"
        check_collections(client, name)
        check_points(client, name)
        check_named_vectors(client, name + "-named")
        check_aliases(client, name)
        check_errors(client, name)
        assert client.delete_collection(name) is True
        assert client.delete_collection(name) is False
        client.close()
        print("grpc ok" if prefer_grpc else "rest ok")


if __name__ == "__main__":
    main()
